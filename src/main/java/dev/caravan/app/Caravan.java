package dev.caravan.app;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/** The application: schedules, console and commands. */
@SpringBootApplication
public class Caravan {
    public static void main(String[] args) {
        SpringApplication.run(Caravan.class, args);
    }
}
