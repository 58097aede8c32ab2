//! Many looks at one stream: is it drifting slowly, though no single period is
//! odd enough by itself?
//!
//! Each period's rank among the periods before it is a bet against "nothing
//! changed" ([`bet`]); the bets are summed up by Shiryaev and Roberts'
//! recursion ([`Detector`]). If periods are exchangeable, the expected time to
//! the first false alarm is at least `alarm_at` periods, whatever was measured.
//!
//! Bets are made on the joint rank of all columns, and on each column by
//! itself: a small drift of one column is never the farthest score of a day. The
//! sum is half the joint one and half the mean of those of the columns, which is
//! again an e-detector: means of e-detectors are.
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
//! - `standing`: a period beside others. `bet`: ranks to e-values. `detector`:
//!   e-values to alarms. `sums`: joint, and by column. `stream`: a stream of
//!   periods, of which one may be delivered twice.

mod bet;
mod detector;
mod standing;
mod stream;
mod sums;

pub use bet::{Anchored, RANKS, growing, joint_rank};
pub use detector::{ALARM_AT, Detector};
pub use standing::{ColumnPlace, ColumnStanding, Place, Standing, millionths};
pub use stream::{Looked, Past, Unit, look, trace};
pub use sums::{ColumnStep, Step, Steps};
