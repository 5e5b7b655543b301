package dev.caravan.record;

import java.util.Random;

/** Makes JSON of every kind, white space and escapes among it. */
final class RandomJson {
    private static final String[] SCALARS = {
        "null",
        "true",
        "false",
        "0",
        "-0",
        "1.10",
        "1E400",
        "9223372036854775808",
        "-12.5e-3",
        "\"\"",
        "\"é\"",
        "\"😀\"",
        "\"\\ud83d\\ude00\"",
        "\"\\\"\\\\\\/\\b\\n\"",
        "\"{[\\\"]},:\"",
        "\"\u2028\""
    };
    private static final String[] SPACES = {"", "", "", " ", "\n", "\t", " \r\n "};

    private final Random random;
    private int names;

    RandomJson(Random random) {
        this.random = random;
    }

    String space() {
        return SPACES[random.nextInt(SPACES.length)];
    }

    String value(int depth) {
        return switch (depth == 0 ? 0 : random.nextInt(4)) {
            case 1 -> object(depth - 1);
            case 2 -> array(depth - 1);
            default -> SCALARS[random.nextInt(SCALARS.length)];
        };
    }

    String object(int depth) {
        StringBuilder text = new StringBuilder("{" + space());
        int size = random.nextInt(5);
        for (int i = 0; i < size; i++) {
            text.append(i == 0 ? "" : ",").append(space());
            text.append("\"")
                    .append(random.nextBoolean() ? "n" : "ü\\n")
                    .append(names++)
                    .append("\"")
                    .append(space());
            text.append(":").append(space()).append(value(depth)).append(space());
        }
        return text.append("}").toString();
    }

    private String array(int depth) {
        StringBuilder text = new StringBuilder("[" + space());
        int size = random.nextInt(4);
        for (int i = 0; i < size; i++) {
            text.append(i == 0 ? "" : ",").append(space()).append(value(depth)).append(space());
        }
        return text.append("]").toString();
    }
}
