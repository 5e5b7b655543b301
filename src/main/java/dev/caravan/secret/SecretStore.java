package dev.caravan.secret;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.caravan.failure.DiskTrouble;
import dev.caravan.json.StrictJson;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Secrets by connection and name, each sealed with AES-256-GCM under a nonce of its own and bound to its place: moved to
 * another connection or name it does not open. Names and ages can be read without the key.
 *
 * <p>The file is replaced whole, by one process and thread at a time. Reading asks the file each time, so that what another
 * process keeps is seen. Safe for any number of threads.
 */
public final class SecretStore {
    private static final int MOST_BYTES = 16 << 20;
    private static final int LONGEST_VALUE = 1 << 20;
    private static final String SEALED = "sealed:";
    private static final String ELSEWHERE = "@elsewhere";

    private final Path folder;
    private final Path file;
    private final KeySource source;
    private final Clock clock;

    /** @param folder made when the first secret is kept */
    public SecretStore(Path folder, KeySource source, Clock clock) {
        this.folder = folder;
        this.file = folder.resolve("credentials.json");
        this.source = source;
        this.clock = clock;
    }

    /**
     * Returns a secret.
     *
     * @throws SecretException if it was sealed with another key, or the file is damaged
     */
    public Optional<String> read(String connection, String name) {
        return sealed().stream()
                .filter(each -> each.is(connection, name))
                .findFirst()
                .map(each -> open(each, source.keys()));
    }

    /** Returns what is kept, by connection and name. */
    public List<SecretEntry> entries() {
        return sealed().stream().map(Sealed::entry).toList();
    }

    /** Keeps a secret in the place of one of the same name: when this returns, it is on the disk. */
    public void put(String connection, String name, String value) {
        if (value.length() > LONGEST_VALUE) {
            throw new SecretException("A secret of %,d signs is none".formatted(value.length()));
        }
        change(all -> {
            StoreKey key = source.keysOrNew().get(0);
            // With a key that opens nothing of what is kept, half of it would be lost with either key.
            all.stream().findFirst().ifPresent(each -> open(each, source.keys()));
            List<Sealed> changed = new ArrayList<>(without(all, connection, name));
            changed.add(seal(new SecretEntry(connection, name, clock.instant(), key.id()), value, key));
            return changed;
        });
    }

    /** Forgets a secret and tells whether there was one. */
    public boolean remove(String connection, String name) {
        boolean known = sealed().stream().anyMatch(each -> each.is(connection, name));
        if (known) {
            change(all -> without(all, connection, name));
        }
        return known;
    }

    /**
     * Seals everything under a new key. Interrupted, it leaves a file that the old or the new key opens, and both are still
     * there.
     *
     * @return how many secrets were sealed anew
     */
    public int rotate() {
        List<Sealed> rotated = change(all -> {
            List<StoreKey> keys = source.renewed();
            return all.stream()
                    .map(each -> seal(
                            new SecretEntry(
                                    each.entry.connection(),
                                    each.entry.name(),
                                    each.entry.written(),
                                    keys.get(0).id()),
                            open(each, keys),
                            keys.get(0)))
                    .toList();
        });
        source.forgetOld();
        return rotated.size();
    }

    /**
     * Returns {@code text} sealed, to lie somewhere else than here.
     *
     * @param connection it is bound to
     */
    public String sealed(String connection, String text) {
        StoreKey key;
        Turn turn = turnOf(folder.resolve(".lock"));
        try {
            key = source.keysOrNew().get(0);
        } finally {
            turn.close();
        }
        SecretEntry entry = new SecretEntry(connection, ELSEWHERE, clock.instant(), key.id());
        return SEALED + key.id() + ":" + Base64.getEncoder().encodeToString(key.seal(text, bound(entry)));
    }

    /**
     * Returns what {@link #sealed} sealed, and every other text as it is.
     *
     * @throws SecretException if the key is another, or the text was changed
     */
    public String opened(String connection, String text) {
        if (!text.startsWith(SEALED)) {
            return text;
        }
        String[] parts = text.substring(SEALED.length()).split(":", 2);
        try {
            SecretEntry entry = new SecretEntry(connection, ELSEWHERE, clock.instant(), parts[0]);
            return open(new Sealed(entry, Base64.getDecoder().decode(parts[1])), source.keys());
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            throw new SecretException("A sealed position of %s was changed".formatted(connection), e);
        }
    }

    /** Waits until nobody else on this machine renews the token of {@code connection}. */
    public Turn turn(String connection) {
        String plain = connection.replaceAll("[^A-Za-z0-9_-]", "_");
        String suffix = plain.equals(connection) ? "" : "-" + Integer.toHexString(connection.hashCode());
        return turnOf(folder.resolve(plain + suffix + ".lock"));
    }

    private Turn turnOf(Path lock) {
        try {
            PrivateFiles.ensureFolder(folder);
            return Turn.take(lock);
        } catch (IOException e) {
            throw failed(e);
        }
    }

    private List<Sealed> change(Function<List<Sealed>, List<Sealed>> change) {
        Turn turn = turnOf(folder.resolve(".lock"));
        try {
            List<Sealed> changed = change.apply(sealed());
            PrivateFiles.replace(file, text(changed));
            return changed;
        } catch (IOException e) {
            throw failed(e);
        } finally {
            turn.close();
        }
    }

    private SecretException failed(IOException e) {
        return new SecretException(
                "Secrets cannot be kept in %s: %s. %s"
                        .formatted(folder, e, DiskTrouble.of(e, folder).advice()),
                e);
    }

    private static List<Sealed> without(List<Sealed> all, String connection, String name) {
        return all.stream().filter(each -> !each.is(connection, name)).toList();
    }

    private String open(Sealed sealed, List<StoreKey> keys) {
        SecretEntry entry = sealed.entry;
        StoreKey key = keys.stream()
                .filter(each -> each.id().equals(entry.key()))
                .findFirst()
                .orElseThrow(() -> new SecretException(
                        ("The secret '%s' of %s was sealed with the key %s, which %s does not have (it has: %s). Give that"
                                        + " key back, or begin anew: caravan credentials remove %s %s")
                                .formatted(
                                        entry.name(),
                                        entry.connection(),
                                        entry.key(),
                                        source.place(),
                                        keys.isEmpty()
                                                ? "none"
                                                : String.join(
                                                        ", ",
                                                        keys.stream()
                                                                .map(StoreKey::id)
                                                                .toList()),
                                        entry.connection(),
                                        entry.name())));
        try {
            return key.open(sealed.bytes, bound(entry));
        } catch (GeneralSecurityException e) {
            throw new SecretException(
                    "The secret '%s' of %s in %s does not open: somebody changed it, or moved it there from another place"
                            .formatted(entry.name(), entry.connection(), file),
                    e);
        }
    }

    private static Sealed seal(SecretEntry entry, String value, StoreKey key) {
        return new Sealed(entry, key.seal(value, bound(entry)));
    }

    /** What a sealed value is bound to. Lengths first, so that no two places read alike. */
    private static byte[] bound(SecretEntry entry) {
        return "%d:%s%s"
                .formatted(entry.connection().length(), entry.connection(), entry.name())
                .getBytes(StandardCharsets.UTF_8);
    }

    private List<Sealed> sealed() {
        try {
            PrivateFiles.requireOwnerOnly(file);
            if (Files.size(file) > MOST_BYTES) {
                throw new SecretException("%s is larger than %,d bytes".formatted(file, MOST_BYTES));
            }
            List<Sealed> all = new ArrayList<>();
            for (JsonNode each :
                    StrictJson.mapper().readTree(Files.readAllBytes(file)).path("secrets")) {
                all.add(new Sealed(
                        new SecretEntry(
                                each.path("connection").asText(),
                                each.path("name").asText(),
                                Instant.parse(each.path("written").asText()),
                                each.path("key").asText()),
                        Base64.getDecoder().decode(each.path("sealed").asText())));
            }
            return all;
        } catch (NoSuchFileException e) {
            return List.of();
        } catch (JsonProcessingException | IllegalArgumentException | DateTimeException e) {
            throw new SecretException(
                    "%s is damaged: take it back from a backup, or put its secrets again".formatted(file), e);
        } catch (IOException e) {
            throw new SecretException("%s cannot be read: %s".formatted(file, e), e);
        }
    }

    private static byte[] text(List<Sealed> all) throws JsonProcessingException {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        root.put("version", 1);
        ArrayNode secrets = root.putArray("secrets");
        for (Sealed each : all) {
            secrets.addObject()
                    .put("connection", each.entry.connection())
                    .put("name", each.entry.name())
                    .put("written", each.entry.written().toString())
                    .put("key", each.entry.key())
                    .put("sealed", Base64.getEncoder().encodeToString(each.bytes));
        }
        return StrictJson.mapper().writerWithDefaultPrettyPrinter().writeValueAsBytes(root);
    }

    /** A secret as it lies in the file: a nonce and the sealed value behind it. */
    private record Sealed(SecretEntry entry, byte[] bytes) {
        boolean is(String connection, String name) {
            return entry.connection().equals(connection) && entry.name().equals(name);
        }

        @Override
        public String toString() {
            return entry.toString();
        }
    }
}
