package dev.caravan.json;

import java.math.BigDecimal;
import java.math.BigInteger;

/** Numbers that are written as they were read. What is calculated with them is an ordinary number. */
final class WrittenNumber {
    private WrittenNumber() {}

    static Number whole(String text) {
        BigInteger number = new BigInteger(text);
        return number.toString().equals(text) ? number : new Whole(text);
    }

    static Number decimal(String text) {
        try {
            BigDecimal number = new BigDecimal(text);
            return number.toString().equals(text) ? number : new Decimal(text);
        } catch (NumberFormatException | ArithmeticException e) {
            return new Far(text);
        }
    }

    /** {@code -0}. */
    private static final class Whole extends BigInteger {
        private static final long serialVersionUID = 1;
        private final String text;

        Whole(String text) {
            super(text);
            this.text = text;
        }

        @Override
        public String toString() {
            return text;
        }
    }

    /** {@code 1e2}, {@code -0.0}. */
    private static final class Decimal extends BigDecimal {
        private static final long serialVersionUID = 1;
        private final String text;

        Decimal(String text) {
            super(text);
            this.text = text;
        }

        @Override
        public String toString() {
            return text;
        }
    }

    /** {@code 1e99999999999}: its exponent is beyond any type of number. It can be handed on, and compared roughly. */
    private static final class Far extends Number {
        private static final long serialVersionUID = 1;
        private final String text;

        Far(String text) {
            this.text = text;
        }

        @Override
        public double doubleValue() {
            return Double.parseDouble(text);
        }

        @Override
        public float floatValue() {
            return (float) doubleValue();
        }

        @Override
        public long longValue() {
            return (long) doubleValue();
        }

        @Override
        public int intValue() {
            return (int) doubleValue();
        }

        @Override
        public String toString() {
            return text;
        }
    }
}
