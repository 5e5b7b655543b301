/**
 * What people and monitors see of a running process: MBeans, meters, health.
 *
 * <p>In: the streams of the {@code run} room. Out: JMX under {@code dev.caravan}, Micrometer meters under {@code caravan.},
 * and one health component. Decides nothing about a pull.
 */
@NullMarked
package dev.caravan.manage;

import org.jspecify.annotations.NullMarked;
