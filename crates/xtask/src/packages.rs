//! What building and testing need from the operating system, by name, for each system we know.
//! It exists so that set-up, the documentation and the public CI read one list.
//! It must never install anything: `debian.rs` does that where it can, elsewhere a person does.

/// What the machine is being made ready for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Purpose {
    /// Building the studio and opening it.
    Run,
    /// Everything `Run` needs, and what the tests use: a screen of their own, sound and cameras that are not there.
    Test,
}

/// Debian 12 and later, Ubuntu 22.04 and later.
const DEBIAN_RUN: &[&str] = &[
    "build-essential",
    "pkg-config",
    "cmake",
    "ca-certificates",
    "curl",
    "clang",
    "lld",
    "libwebkit2gtk-4.1-dev",
    "libgtk-3-dev",
    "libsoup-3.0-dev",
    "libayatana-appindicator3-dev",
    "librsvg2-dev",
    "libxdo-dev",
    "libssl-dev",
    "libgstreamer1.0-dev",
    "libgstreamer-plugins-base1.0-dev",
    "libgstreamer-plugins-bad1.0-dev",
    "gstreamer1.0-tools",
    "gstreamer1.0-plugins-base",
    "gstreamer1.0-plugins-good",
    "gstreamer1.0-plugins-bad",
    "gstreamer1.0-plugins-ugly",
    "gstreamer1.0-libav",
    "gstreamer1.0-pipewire",
    "gstreamer1.0-alsa",
    "gstreamer1.0-pulseaudio",
    "gstreamer1.0-gl",
    "libasound2-dev",
    "mesa-vulkan-drivers",
    "libvulkan1",
    "libgl1-mesa-dri",
    "libegl1",
    "libgles2",
    "fonts-dejavu-core",
];

const DEBIAN_TEST: &[&str] = &[
    "webkit2gtk-driver",
    "xvfb",
    "xauth",
    "xdotool",
    "dbus-x11",
    "at-spi2-core",
    "libasound2-plugins",
    "alsa-utils",
    "pulseaudio",
    "pulseaudio-utils",
    "pipewire",
    "pipewire-bin",
    "wireplumber",
    "gstreamer1.0-plugins-base-apps",
    "ffmpeg",
    "vulkan-tools",
];

pub fn debian(purpose: Purpose) -> Vec<&'static str> {
    let tests = if purpose == Purpose::Test { DEBIAN_TEST } else { &[] };
    DEBIAN_RUN.iter().chain(tests).copied().collect()
}

/// Libraries the build asks pkg-config for: how readiness is judged where we do not know the package manager.
pub const LIBRARIES: &[&str] =
    &["webkit2gtk-4.1", "gtk+-3.0", "libsoup-3.0", "gstreamer-1.0", "gstreamer-app-1.0", "alsa"];
pub const LIBRARIES_MAC: &[&str] = &["gstreamer-1.0", "gstreamer-app-1.0"];

/// What to type on systems where we do not install by ourselves.
pub fn advice(system: &str) -> &'static str {
    match system {
        "fedora" => {
            "sudo dnf install gcc gcc-c++ make cmake clang lld pkgconf-pkg-config webkit2gtk4.1-devel gtk3-devel libsoup3-devel \
             libappindicator-gtk3-devel librsvg2-devel libxdo-devel openssl-devel gstreamer1-devel \
             gstreamer1-plugins-base-devel gstreamer1-plugins-bad-free-devel gstreamer1-plugins-base-tools \
             gstreamer1-plugins-good gstreamer1-plugins-bad-free gstreamer1-plugin-openh264 gstreamer1-plugin-libav \
             alsa-lib-devel mesa-vulkan-drivers vulkan-loader dejavu-sans-fonts\n  \
             (x264 is in RPM Fusion: gstreamer1-plugins-ugly. For the tests also: xorg-x11-server-Xvfb ffmpeg-free vulkan-tools)"
        }
        "arch" => {
            "sudo pacman -S --needed base-devel cmake clang lld webkit2gtk-4.1 gtk3 libsoup3 libayatana-appindicator librsvg \
             xdotool openssl gstreamer gst-plugins-base gst-plugins-good gst-plugins-bad gst-plugins-ugly gst-libav alsa-lib \
             mesa vulkan-swrast vulkan-icd-loader ttf-dejavu\n  \
             (for the tests also: xorg-server-xvfb ffmpeg vulkan-tools)"
        }
        "macos" => "xcode-select --install\n  brew install pkgconf cmake gstreamer",
        "windows" => {
            "winget install Microsoft.VisualStudio.2022.BuildTools Kitware.CMake   (choose \"Desktop development with C++\")\n  \
             GStreamer 1.22 or later, both MSVC installers (runtime and development), from gstreamer.freedesktop.org/download\n  \
             pkg-config (choco install pkgconfiglite), and PKG_CONFIG_PATH set to GStreamer's lib\\pkgconfig folder"
        }
        _ => {
            "the development packages of: WebKitGTK 4.1, GTK 3, libsoup 3, librsvg, GStreamer 1.22 with the base, good, bad and \
             ugly plugins and libav, ALSA, a Vulkan driver (Mesa's software one will do), a C compiler, pkg-config, cmake"
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tests_need_all_that_running_needs_and_no_package_is_named_twice() {
        let mut all = debian(Purpose::Test);
        assert!(debian(Purpose::Run).iter().all(|package| all.contains(package)));
        all.sort_unstable();
        let count = all.len();
        all.dedup();
        assert_eq!(all.len(), count);
    }

    #[test]
    fn every_system_gets_an_answer() {
        for system in ["fedora", "arch", "macos", "windows", "something else"] {
            assert!(advice(system).to_lowercase().contains("gst"), "{system}");
        }
    }
}
