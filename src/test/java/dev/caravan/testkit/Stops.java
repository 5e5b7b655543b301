package dev.caravan.testkit;

import com.sun.jdi.Bootstrap;
import com.sun.jdi.Method;
import com.sun.jdi.ReferenceType;
import com.sun.jdi.VMDisconnectedException;
import com.sun.jdi.VirtualMachine;
import com.sun.jdi.connect.AttachingConnector;
import com.sun.jdi.connect.Connector;
import com.sun.jdi.connect.IllegalConnectorArgumentsException;
import com.sun.jdi.event.BreakpointEvent;
import com.sun.jdi.event.ClassPrepareEvent;
import com.sun.jdi.event.Event;
import com.sun.jdi.event.EventSet;
import com.sun.jdi.event.VMDeathEvent;
import com.sun.jdi.event.VMDisconnectEvent;
import com.sun.jdi.request.BreakpointRequest;
import com.sun.jdi.request.ClassPrepareRequest;
import com.sun.jdi.request.EventRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;

/**
 * Holds the streams of a process, each at a method of its own, so that the process can be killed while all of them are
 * there. Works from outside, by Java's debugger interface: the application has no hook for it and is the one that is
 * shipped. A thread belongs to the stream whose id is in its name. For one thread.
 */
public final class Stops implements AutoCloseable {
    /** Options of a process that waits to be attached to. */
    static final List<String> JAVA = List.of(
            "-XX:+UseSerialGC",
            "-Xmx256m",
            "-agentlib:jdwp=transport=dt_socket,server=y,suspend=y,address=127.0.0.1:0");

    private static final Pattern ADDRESS = Pattern.compile("Listening for transport dt_socket at address: (\\d+)");
    private static final Stop OPENING = new Stop("dev.caravan.run.RunOpening", "open", 1);

    private final CaravanProcess process;
    private final VirtualMachine machine;
    private final Map<String, Held> held = new LinkedHashMap<>();
    private final List<EventSet> atTheDoor = new ArrayList<>();

    /**
     * Where a stream is held: as it enters a method.
     *
     * @param type full name of the class
     * @param method name of a method that it has once; both are checked, so that nothing renamed is passed over in silence
     * @param call the how manyeth call by the stream, from 1
     */
    public record Stop(String type, String method, int call) {
        public Stop {
            long found;
            try {
                found = Arrays.stream(Class.forName(type, false, Stops.class.getClassLoader())
                                .getDeclaredMethods())
                        .filter(each -> each.getName().equals(method) && !each.isSynthetic())
                        .count();
            } catch (ClassNotFoundException e) {
                throw new AssertionError("No class to stop in: " + type, e);
            }
            if (found != 1) {
                throw new AssertionError("%s has %d methods '%s' to stop at".formatted(type, found, method));
            }
        }

        private boolean isAt(BreakpointEvent event) {
            Method at = event.location().method();
            return at.name().equals(method) && at.declaringType().name().equals(type);
        }
    }

    private static final class Held {
        private final Stop stop;
        private final boolean last;
        private boolean opened;
        private boolean reached;
        private int calls;

        Held(Stop stop, boolean last) {
            this.stop = stop;
            this.last = last;
            this.opened = !last;
        }
    }

    private Stops(CaravanProcess process, VirtualMachine machine) {
        this.process = process;
        this.machine = machine;
    }

    /** Attaches to a process that was started for it; it goes on with {@link #await}. */
    public static Stops attach(CaravanProcess process) {
        Awaitility.await()
                .atMost(CaravanHome.LIMIT)
                .until(() ->
                        !process.isAlive() || ADDRESS.matcher(process.out()).find());
        Matcher address = ADDRESS.matcher(process.out());
        if (!address.find()) {
            throw new AssertionError("Nothing to attach to.\n" + process.all());
        }
        AttachingConnector connector = Bootstrap.virtualMachineManager().attachingConnectors().stream()
                .filter(each -> each.name().equals("com.sun.jdi.SocketAttach"))
                .findFirst()
                .orElseThrow();
        Map<String, Connector.Argument> arguments = connector.defaultArguments();
        arguments.get("hostname").setValue("127.0.0.1");
        arguments.get("port").setValue(address.group(1));
        try {
            return new Stops(process, connector.attach(arguments));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (IllegalConnectorArgumentsException e) {
            throw new IllegalStateException("Every Java's debugger takes host and port", e);
        }
    }

    public Stops hold(String stream, Stop stop) {
        held.put(stream, new Held(stop, false));
        return this;
    }

    /** Lets a stream begin only when all others are held: for a method in which it keeps what they need. One at most. */
    public Stops holdLast(String stream, Stop stop) {
        held.put(stream, new Held(stop, true));
        return this;
    }

    /** Lets the process go on until every stream is held. */
    public void await(Duration limit) {
        Set<String> types = new HashSet<>(Set.of(OPENING.type()));
        held.values().forEach(each -> types.add(each.stop.type()));
        for (String type : types) {
            ClassPrepareRequest loading = machine.eventRequestManager().createClassPrepareRequest();
            loading.addClassFilter(type);
            loading.setSuspendPolicy(EventRequest.SUSPEND_EVENT_THREAD);
            loading.enable();
        }
        machine.resume();
        long end = System.nanoTime() + limit.toNanos();
        try {
            while (held.values().stream().anyMatch(each -> !each.reached)) {
                EventSet events = machine.eventQueue().remove(Math.max(1, (end - System.nanoTime()) / 1_000_000));
                if (events == null) {
                    throw new AssertionError(
                            "Not reached within %s: %s\n%s".formatted(limit, missing(), process.all()));
                }
                take(events);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted while waiting for stops", e);
        }
    }

    private void take(EventSet events) {
        boolean goesOn = true;
        for (Event event : events) {
            if (event instanceof ClassPrepareEvent prepared) {
                stopIn(prepared.referenceType());
            } else if (event instanceof BreakpointEvent stopped) {
                goesOn &= passes(stopped, events);
            } else if (event instanceof VMDeathEvent || event instanceof VMDisconnectEvent) {
                throw new AssertionError("Ended before these were reached: %s\n%s".formatted(missing(), process.all()));
            }
        }
        if (goesOn) {
            events.resume();
        }
    }

    private void stopIn(ReferenceType type) {
        Set<String> methods = new HashSet<>();
        held.values().stream()
                .map(each -> each.stop)
                .filter(stop -> stop.type().equals(type.name()))
                .forEach(stop -> methods.add(stop.method()));
        if (type.name().equals(OPENING.type())) {
            methods.add(OPENING.method());
        }
        for (String method : methods) {
            List<Method> found = type.methodsByName(method);
            if (found.isEmpty()) {
                throw new AssertionError(
                        "The jar's %s has no method '%s': build it anew".formatted(type.name(), method));
            }
            for (Method each : found) {
                if (!each.isBridge()) {
                    BreakpointRequest request = machine.eventRequestManager().createBreakpointRequest(each.location());
                    request.setSuspendPolicy(EventRequest.SUSPEND_EVENT_THREAD);
                    request.enable();
                }
            }
        }
    }

    /** Returns whether the thread goes on. */
    private boolean passes(BreakpointEvent event, EventSet events) {
        Held at = of(event.thread().name());
        if (at == null || at.reached) {
            return true;
        }
        if (!at.opened && OPENING.isAt(event)) {
            at.opened = true;
            atTheDoor.add(events);
            openTheDoor();
            return false;
        }
        if (!at.stop.isAt(event) || ++at.calls < at.stop.call()) {
            return true;
        }
        at.reached = true;
        openTheDoor();
        return false;
    }

    private Held of(String thread) {
        return held.entrySet().stream()
                .filter(each -> thread.contains(each.getKey()))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElse(null);
    }

    private void openTheDoor() {
        if (held.values().stream().allMatch(each -> each.last || each.reached)) {
            atTheDoor.forEach(EventSet::resume);
            atTheDoor.clear();
        }
    }

    private List<String> missing() {
        List<String> missing = new ArrayList<>();
        held.forEach((stream, each) -> {
            if (!each.reached) {
                missing.add("%s at %s, called %d times".formatted(stream, each.stop, each.calls));
            }
        });
        return missing;
    }

    @Override
    public void close() {
        try {
            machine.dispose();
        } catch (VMDisconnectedException e) {
            // It was killed, which is what it was held for.
        }
    }
}
