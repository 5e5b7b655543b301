package dev.caravan.commit;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LocalDiskTest {
    @ParameterizedTest
    @ValueSource(strings = {"nfs", "nfs4", "cifs", "smb2", "smbfs", "SMB3", "fuse.sshfs"})
    void refusesNetworkFileSystems(String type) {
        assertThat(LocalDisk.refusal(Path.of("data"), type))
                .hasValueSatisfying(refusal -> assertThat(refusal).contains(type, "disk of this machine"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"ext4", "xfs", "btrfs", "zfs", "overlay", "tmpfs", "apfs", "NTFS"})
    void takesDisksOfThisMachine(String type) {
        assertThat(LocalDisk.refusal(Path.of("data"), type)).isEmpty();
    }

    @Test
    void looksAtWhatIsThereOfAFolderToCome(@TempDir Path folder) {
        LocalDisk.require(folder.resolve("not/yet/there"));
        assertThat(LocalDisk.holds(folder.resolve("not/yet/there"))).isTrue();
    }
}
