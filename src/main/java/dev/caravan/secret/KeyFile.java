package dev.caravan.secret;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Keys in a file, one a line, that only its owner can read. Made when the first secret is kept. */
public final class KeyFile implements KeySource {
    private final Path file;

    public KeyFile(Path file) {
        this.file = file;
    }

    @Override
    public List<StoreKey> keys() {
        try {
            PrivateFiles.requireOwnerOnly(file);
            return Files.readString(file, StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.isBlank())
                    .map(line -> StoreKey.parse(line, file.toString()))
                    .toList();
        } catch (NoSuchFileException e) {
            return List.of();
        } catch (IOException e) {
            throw new SecretException("The key file %s cannot be read: %s".formatted(file, e), e);
        }
    }

    @Override
    public List<StoreKey> keysOrNew() {
        List<StoreKey> known = keys();
        return known.isEmpty() ? written(List.of(StoreKey.random())) : known;
    }

    @Override
    public List<StoreKey> renewed() {
        return written(
                Stream.concat(Stream.of(StoreKey.random()), keys().stream()).toList());
    }

    @Override
    public void forgetOld() {
        written(keys().subList(0, 1));
    }

    private List<StoreKey> written(List<StoreKey> all) {
        String text = all.stream().map(StoreKey::encoded).collect(Collectors.joining("\n", "", "\n"));
        try {
            PrivateFiles.replace(file, text.getBytes(StandardCharsets.UTF_8));
            return all;
        } catch (IOException e) {
            throw new SecretException("The key file %s cannot be written: %s".formatted(file, e), e);
        }
    }

    @Override
    public String place() {
        return file.toString();
    }
}
