//! Stand-ins for the outside world, for tests and rehearsals.
//!
//! They behave as badly as the real thing may: a disk that loses what was not synced, is full, or fails any one call.
//! Seeded, so that a bad day can be repeated. Never used by the studio itself, but for the camera that a test asks it for.

mod actor;
mod contract;
mod failing_disk;
mod notary;
mod picture_check;
mod simulated_disk;
mod system;
mod test_pattern;
mod vault;
mod voice;

pub use actor::{Actor, Pose};
pub use contract::{compositor_contract, disk_contract};
pub use failing_disk::{FailingDisk, How};
pub use notary::{PaperNotary, provenance_contract, sample_claim};
pub use picture_check::{OBJECTION, PickyChecker, picture_check_contract};
pub use simulated_disk::SimulatedDisk;
pub use system::{Noon, Thrown};
pub use test_pattern::{TestPattern, capture_contract};
pub use vault::{MemoryKeeper, MemoryVault, vault_contract};
pub use voice::{HummingVoice, voice_contract};

/// splitmix64: enough for choosing what breaks.
#[derive(Clone, Debug)]
pub struct Dice(pub u64);

impl Dice {
    pub fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
    /// 0 up to, and without, `end`.
    pub fn below(&mut self, end: u64) -> u64 {
        self.roll() % end.max(1)
    }
    pub fn coin(&mut self) -> bool {
        self.roll() & 1 == 1
    }
}
