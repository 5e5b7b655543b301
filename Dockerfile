# Build with the project's own Maven, run as nobody in particular.
FROM eclipse-temurin:17-jdk AS build
WORKDIR /build
COPY mvnw pom.xml ./
COPY .mvn .mvn
COPY routes routes
COPY src src
RUN ./mvnw --batch-mode --no-transfer-progress -DskipTests package

# The newest Java that lives long: what a training run has loaded, linked and counted is there when the application starts.
FROM eclipse-temurin:25-jre
RUN groupadd --system --gid 10001 caravan \
 && useradd --system --uid 10001 --gid caravan --home-dir /app --no-create-home caravan \
 && mkdir -p /app/data && chown caravan:caravan /app/data
WORKDIR /app
COPY --from=build /build/target/caravan.jar caravan.jar
COPY routes routes
COPY application.yaml application.yaml
# A minute of serving the sandbox. The cache of it takes four tenths off the start, and tells the compiler what the next run will need (ADR 28).
COPY src/bench/train train
RUN ./train java caravan.jar caravan.aot && rm train
USER caravan
VOLUME /app/data
EXPOSE 8080
# In a container the console listens on all interfaces; the login stays. Only /app/data is written, so the container can
# run with --read-only: where there is no writable /tmp, the application unpacks what it must below data.
# Two arenas of the C library's memory are enough; one for each thread would be memory that nobody uses.
ENV SERVER_ADDRESS=0.0.0.0 \
    MALLOC_ARENA_MAX=2 \
    JDK_JAVA_OPTIONS="-XX:MaxRAMPercentage=50 -XX:AOTCache=/app/caravan.aot"
HEALTHCHECK --interval=30s --timeout=10s --start-period=30s CMD ["java", "-jar", "caravan.jar", "health"]
ENTRYPOINT ["java", "-jar", "caravan.jar"]
