package dev.caravan.connection;

import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.Optional;

/** Which network addresses are public. Never asks a name server. */
final class Addresses {
    /** Blocks that no public server has, as address and prefix length (IANA special-purpose registries). */
    private static final String[] RESERVED_V4 = {
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/3"
    };

    private Addresses() {}

    /** Tells whether {@code address} is one that anybody on the Internet could have. */
    public static boolean isPublic(InetAddress address) {
        byte[] bytes = address.getAddress();
        if (bytes.length == 4) {
            return Arrays.stream(RESERVED_V4).noneMatch(block -> isIn(bytes, block));
        }
        // Global unicast is 2000::/3; of it, what carries or hides an IPv4 address, and documentation, are not public.
        boolean global = (bytes[0] & 0xe0) == 0x20;
        boolean tunnel = startsWith(bytes, 0x20, 0x02) || startsWith(bytes, 0x20, 0x01, 0x00);
        boolean documentation = startsWith(bytes, 0x20, 0x01, 0x0d, 0xb8) || startsWith(bytes, 0x3f, 0xff);
        return global && !tunnel && !documentation;
    }

    private static boolean startsWith(byte[] bytes, int... start) {
        for (int i = 0; i < start.length; i++) {
            if ((bytes[i] & 0xff) != start[i]) {
                return false;
            }
        }
        return true;
    }

    private static boolean isIn(byte[] bytes, String block) {
        int slash = block.indexOf('/');
        byte[] start = v4(block.substring(0, slash)).orElseThrow();
        int shift = 32 - Integer.parseInt(block.substring(slash + 1));
        return new BigInteger(1, bytes).shiftRight(shift).equals(new BigInteger(1, start).shiftRight(shift));
    }

    /**
     * Returns the address that {@code host} writes out, in any form that a library somewhere may take for one: dotted, one
     * number, hexadecimal, octal, fewer than four parts, IPv6 with or without brackets. Empty for a name.
     */
    public static Optional<InetAddress> literal(String host) {
        String bare = host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
        try {
            if (bare.indexOf(':') >= 0) {
                // With a colon it is never looked up: an IPv6 address or an exception.
                return Optional.of(InetAddress.getByName("[" + bare + "]"));
            }
            Optional<byte[]> v4 = v4(bare.endsWith(".") ? bare.substring(0, bare.length() - 1) : bare);
            return v4.isPresent() ? Optional.of(InetAddress.getByAddress(v4.get())) : Optional.empty();
        } catch (UnknownHostException e) {
            return Optional.empty();
        }
    }

    private static Optional<byte[]> v4(String text) {
        String[] parts = text.split("\\.", -1);
        if (parts.length > 4) {
            return Optional.empty();
        }
        long address = 0;
        for (int i = 0; i < parts.length; i++) {
            boolean last = i == parts.length - 1;
            int bits = last ? 8 * (4 - i) : 8;
            Optional<Long> part = number(parts[i]);
            if (part.isEmpty() || part.get() >= 1L << bits) {
                return Optional.empty();
            }
            address = (address << bits) | part.get();
        }
        return Optional.of(
                new byte[] {(byte) (address >> 24), (byte) (address >> 16), (byte) (address >> 8), (byte) address});
    }

    private static Optional<Long> number(String text) {
        if (text.matches("0[xX][0-9a-fA-F]{1,8}")) {
            return Optional.of(Long.parseLong(text.substring(2), 16));
        }
        if (text.matches("0[0-7]{1,11}")) {
            return Optional.of(Long.parseLong(text, 8));
        }
        return text.matches("\\d{1,10}") ? Optional.of(Long.parseLong(text)) : Optional.empty();
    }
}
