//! Which file systems tell nothing of what other machines do, by the system's own table of mounts.

use std::path::Path;

/// Where Linux has the table.
#[cfg(target_os = "linux")]
const TABLE: &str = "/proc/self/mountinfo";

/// File systems whose files are changed elsewhere, which the system is not told: network folders, and those that
/// a virtual machine shares with its host.
const SILENT: &[&str] = &[
    "9p",
    "afs",
    "ceph",
    "cifs",
    "fuse.glusterfs",
    "fuse.prl_fsd",
    "fuse.rclone",
    "fuse.s3fs",
    "fuse.sshfs",
    "fuse.vmhgfs-fuse",
    "lustre",
    "nfs",
    "nfs4",
    "prl_fs",
    "smb3",
    "smbfs",
    "vboxsf",
    "virtiofs",
    "vmhgfs",
];

/// The mounts of this moment: where, and whether the file system is a silent one.
#[derive(Debug, Default)]
pub(super) struct Mounts(Vec<(String, Option<&'static str>)>);

impl Mounts {
    /// Without a table nothing is known to be silent.
    pub(super) fn now() -> Mounts {
        #[cfg(target_os = "linux")]
        let table = std::fs::read_to_string(TABLE).unwrap_or_default();
        #[cfg(not(target_os = "linux"))]
        let table = String::new();
        Mounts::of(&table)
    }

    /// proc(5) has the format.
    fn of(table: &str) -> Mounts {
        let mounts: Vec<_> = table.lines().filter_map(mount).collect();
        let is_any_silent = mounts.iter().any(|(_, silent)| silent.is_some());
        Mounts(if is_any_silent { mounts } else { Vec::new() })
    }

    /// The file system on which a folder lies, if it tells nothing. The path is canonical.
    pub(super) fn silent(&self, folder: &Path) -> Option<&'static str> {
        let around = self.0.iter().filter(|(point, _)| folder.starts_with(point));
        // Of two at the same place the later one hides the other.
        around.max_by_key(|(point, _)| point.len())?.1
    }
}

fn mount(line: &str) -> Option<(String, Option<&'static str>)> {
    let (before, after) = line.split_once(" - ")?;
    let point = before.split(' ').nth(4)?;
    let kind = after.split(' ').next()?;
    let silent = SILENT.iter().copied().find(|silent| *silent == kind);
    Some((unescaped(point), silent))
}

/// `\040` is a space; the table escapes nothing else than white space and backslashes.
fn unescaped(point: &str) -> String {
    let mut plain = String::new();
    let mut parts = point.split('\\');
    plain.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let code = part
            .get(..3)
            .and_then(|digits| u8::from_str_radix(digits, 8).ok());
        match code {
            Some(code) => {
                plain.push(char::from(code));
                plain.push_str(&part[3..]);
            }
            None => {
                plain.push('\\');
                plain.push_str(part);
            }
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_innermost_mount_says_which_file_system_a_folder_is_on() {
        let mounts = Mounts::of(
            "\
22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
31 22 0:40 / /media/ada/my\\040games rw master:2 shared:5 - nfs4 server:/games rw,vers=4.2
32 31 254:1 / /media/ada/my\\040games/mods/local rw - ext4 /dev/vdb rw
33 22 0:50 / /srv/mods rw - ext4 /dev/vdc rw
34 22 0:51 / /srv/mods rw - fuse.sshfs ada@server: rw
35 22 0:52 / /srv/mods2 rw
",
        );
        for (folder, silent) in [
            ("/", None),
            ("/media/ada", None),
            ("/media/ada/my games", Some("nfs4")),
            ("/media/ada/my games/mods/economy", Some("nfs4")),
            ("/media/ada/my games/mods/local/scripts", None),
            ("/media/ada/my games2", None),
            ("/srv/mods/economy", Some("fuse.sshfs")),
            ("/srv/mods2", None),
        ] {
            assert_eq!(mounts.silent(Path::new(folder)), silent, "{folder}");
        }
        assert_eq!(Mounts::default().silent(Path::new("/")), None);
    }

    #[test]
    fn the_folder_of_this_machine_s_own_table_is_not_silent() {
        assert_eq!(Mounts::now().silent(Path::new("/proc")), None);
    }
}
