package dev.caravan.sink;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FolderNameTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "NULL",
            value = {
                "country  | DE         | country=DE",
                "country  | ''         | country=",
                "country  | NULL       | country=__HIVE_DEFAULT_PARTITION__",
                "country  | __HIVE_DEFAULT_PARTITION__ | country=%5F_HIVE_DEFAULT_PARTITION__",
                "country  | ..         | country=%2E%2E",
                "country  | ../x       | country=%2E%2E%2Fx",
                "country  | a\\b       | country=a%5Cb",
                "country  | a=b&c d    | country=a%3Db%26c%20d",
                "country  | 100%       | country=100%25",
                "country  | Zürich     | country=Z%C3%BCrich",
                "_hidden  | x          | %5Fhidden=x",
                "a/b      | x          | a%2Fb=x",
            })
    void isWhatHiveWouldCallIt(String field, String value, String name) {
        assertThat(FolderName.of(field, value)).isEqualTo(name);
    }

    @Test
    void differsForDifferentValuesAndFitsEveryFileSystem() {
        Random random = new Random(7);
        String signs = "aB_-%./\\ =\0\n~ü😀5F";
        List<String> values = new ArrayList<>();
        for (int i = 0; i < 20_000; i++) {
            StringBuilder value = new StringBuilder();
            int length = random.nextInt(i % 10 == 0 ? 300 : 6);
            for (int j = 0; j < length; j++) {
                value.append(Character.toChars(signs.codePointAt(
                        signs.offsetByCodePoints(0, random.nextInt(signs.codePointCount(0, signs.length()))))));
            }
            values.add(value.toString());
        }
        Set<String> distinct = new HashSet<>(values);
        Set<String> names = new HashSet<>();
        distinct.forEach(value -> names.add(FolderName.of("f", value)));

        assertThat(names).hasSameSizeAs(distinct).doesNotContain(FolderName.of("f", null));
        assertThat(names).allMatch(name -> name.getBytes(StandardCharsets.UTF_8).length <= 255);
        assertThat(names).allMatch(name -> name.matches("f=[A-Za-z0-9_%-]*"));
    }
}
