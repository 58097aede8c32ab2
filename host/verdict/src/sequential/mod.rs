//! Many looks at one stream: is it drifting slowly, though no single period is
//! odd enough by itself?
//!
//! Each period's rank among the periods before it is a bet against "nothing
//! changed" ([`bet`]); the bets are summed up by Shiryaev and Roberts'
//! recursion ([`Detector`]). If periods are exchangeable, the expected time to
//! the first false alarm is at least `alarm_at` periods, whatever was measured.
//!
//! Two pools: all periods so far (`growing`, fast), and those that the baseline
//! was created with (`anchored`, slower, and blind to nothing that was accepted
//! later). Neither slides: a window that moves along follows a slow drift.
//!
//! Sources: Shin, Ramdas, Rinaldo, "E-detectors: a nonparametric framework for
//! sequential change detection", NEJSDS 2023; Vovk, Gammerman, Shafer,
//! "Algorithmic Learning in a Random World", 2nd edition 2022 (ranks as bets);
//! Roberts, "A comparison of some control chart procedures", 1966.
//!
//! - `bet`: ranks to e-values. `detector`: e-values to alarms. `stream`: a
//!   stream of periods, of which one may be delivered twice.

mod bet;
mod detector;
mod stream;

pub use bet::{Anchored, RANKS, growing, joint_rank};
pub use detector::{ALARM_AT, Detector};
pub use stream::{Past, Place, Step, Unit, look, trace};
