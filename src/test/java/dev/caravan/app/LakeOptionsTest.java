package dev.caravan.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.lake.Address;
import dev.caravan.lake.gcs.GcsSettings;
import dev.caravan.lake.s3.S3Settings;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

class LakeOptionsTest {
    @Test
    void isTheFolderOfTheDataUnlessSaid() {
        assertThat(bound(Map.of()).address()).isEmpty();
        assertThat(bound(Map.of("lake", " ")).address()).isEmpty();
    }

    @Test
    void hasDefaults() {
        assertThat(bound(Map.of()).s3().settings())
                .isEqualTo(new S3Settings(
                        null, null, false, null, null, null, null, null, null, 16 << 20, Duration.ofMinutes(2)));
    }

    @Test
    void mapsEveryKey() {
        LakeOptions options = bound(Map.ofEntries(
                Map.entry("lake", "s3://my-bucket/a/b"),
                Map.entry("s3.region", "eu-central-1"),
                Map.entry("s3.endpoint", "https://minio.example:9000"),
                Map.entry("s3.path-style", "true"),
                Map.entry("s3.ca", "ca.pem"),
                Map.entry("s3.access-key", "id"),
                Map.entry("s3.secret-key", "s3cret"),
                Map.entry("s3.session-token", "t0ken"),
                Map.entry("s3.encryption", "sse-kms"),
                Map.entry("s3.kms-key", "alias/lake"),
                Map.entry("s3.part-size", "64MB"),
                Map.entry("s3.retry-for", "30s")));

        assertThat(options.address()).contains(new Address("s3", "my-bucket", "a/b/"));
        assertThat(options.s3().settings())
                .isEqualTo(new S3Settings(
                        "eu-central-1",
                        URI.create("https://minio.example:9000"),
                        true,
                        Path.of("ca.pem"),
                        "id",
                        "s3cret",
                        "t0ken",
                        "sse-kms",
                        "alias/lake",
                        64 << 20,
                        Duration.ofSeconds(30)));
        assertThat(options.toString()).doesNotContain("s3cret", "t0ken");
    }

    @Test
    void mapsEveryKeyOfGoogles() {
        LakeOptions options = bound(Map.of(
                "lake", "gs://my-bucket",
                "gcs.endpoint", "http://127.0.0.1:4443",
                "gcs.credentials", "none",
                "gcs.project", "p",
                "gcs.kms-key", "projects/p/locations/l/keyRings/r/cryptoKeys/k",
                "gcs.retry-for", "5m"));

        assertThat(options.address()).contains(new Address("gs", "my-bucket", ""));
        assertThat(options.gcs().settings())
                .isEqualTo(new GcsSettings(
                        URI.create("http://127.0.0.1:4443"),
                        "none",
                        "p",
                        "projects/p/locations/l/keyRings/r/cryptoKeys/k",
                        Duration.ofMinutes(5)));
        assertThat(bound(Map.of()).gcs().settings())
                .isEqualTo(new GcsSettings(null, null, null, null, Duration.ofMinutes(2)));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            lake         | s3:/bucket           | caravan.lake: 's3:/bucket' is no address of a bucket: write s3://bucket/prefix
            lake         | /srv/data            | Leave it out for a local folder, which caravan.data names
            lake         | s3://bucket/../x     | the prefix '../x' is to be of names of letters
            lake         | s3://bucket/a//b     | the prefix 'a//b'
            lake         | s3://bucket/_x       | begin with a letter or digit
            lake         | s3://Bucket/x        | is no address of a bucket
            s3.endpoint  | minio:9000/x         | caravan.s3.endpoint
            s3.access-key| id                   | caravan.s3.access-key and secret-key are given together
            s3.session-token | t                | caravan.s3.session-token goes with
            s3.encryption| aes                  | caravan.s3.encryption 'aes' is none of sse-s3 and sse-kms
            s3.kms-key   | k                    | caravan.s3.kms-key goes with encryption sse-kms
            s3.part-size | 1MB                  | caravan.s3.part-size of 1,048,576 bytes is not between 5MB and 5GB
            s3.retry-for | 0s                   | caravan.s3.retry-for is not between 200ms and 1h
            gcs.endpoint | minio                | caravan.gcs.endpoint 'minio' is no address of a store
            gcs.kms-key  | k                    | caravan.gcs.kms-key 'k' is no name of a key
            gcs.retry-for| 2h                   | caravan.gcs.retry-for is not between 1s and 1h
            """)
    void refusesWhatIsWrong(String key, String value, String said) {
        assertThatThrownBy(() -> bound(Map.of(key, value))).rootCause().hasMessageContaining(said);
    }

    private static LakeOptions bound(Map<String, String> settings) {
        Map<String, String> prefixed = settings.entrySet().stream()
                .collect(Collectors.toMap(each -> "caravan." + each.getKey(), Map.Entry::getValue));
        return new Binder(new MapConfigurationPropertySource(prefixed)).bindOrCreate("caravan", LakeOptions.class);
    }
}
