//! The parallel fold: every task of a side through every job, cut into
//! periods.
//!
//! A task is profiled by itself, on fresh profiles, one for each period it
//! touches, and these are merged in the order of the stream. Which thread took
//! which task therefore leaves no trace in the result, floats included.

mod merger;
mod pool;
mod profiles;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use arrow_array::{ArrayRef, NullArray, RecordBatch};
use arrow_schema::Schema;
use driftguard_data::{Cutter, PeriodKey, RowBatch, Source, Task};
use driftguard_sandbox::{Profile, SandboxError, Session, SharedBatch};
use driftguard_verdict::Failure;

use crate::error::GuardError;
use crate::plan::{Job, Plan, PlannedCheck, SideColumns};
use crate::progress::Progress;

use merger::{Merger, Portion};
pub(crate) use pool::SessionPool;
pub(crate) use profiles::{Folded, PeriodProfiles, Sessions};

/// Most periods that one side may be cut into.
pub(crate) const MAX_PERIODS: usize = 1_000;

/// A side that is read.
pub(crate) struct FoldSide<'a> {
    /// 0 is the reference, 1 the current side.
    pub(crate) side: usize,
    pub(crate) source: &'a Source,
    pub(crate) cutter: Cutter,
}

/// What the fold needs to know.
pub(crate) struct Fold<'a> {
    pub(crate) plan: &'a Plan,
    pub(crate) checks: &'a [PlannedCheck],
    /// One frame for each job; None where fitting failed.
    pub(crate) frames: &'a [Option<Vec<u8>>],
    pub(crate) sides: Vec<FoldSide<'a>>,
    pub(crate) threads: usize,
    pub(crate) progress: &'a dyn Progress,
}

/// A task of one side, with its place in that side's order.
struct Item {
    /// Position in `Fold::sides`.
    side: usize,
    place: usize,
    task: Task,
}

/// Where a check failed: the task and the job. The first is reported.
type Place = (usize, usize);

/// Profiles of the rows of one period by job, while a task is read.
struct Open {
    rows: u64,
    profiles: Vec<Option<Profile>>,
}

struct Shared<'a> {
    fold: &'a Fold<'a>,
    items: Vec<Item>,
    next: AtomicUsize,
    /// Set when a side cannot be read: nobody goes on.
    stop: AtomicBool,
    /// By check: it failed and is not called again.
    dead: Vec<AtomicBool>,
    failures: Mutex<BTreeMap<usize, (Place, Failure)>>,
    merger: Mutex<Merger>,
}

pub(crate) fn failure(checks: &[PlannedCheck], job: &Job, error: &SandboxError) -> Failure {
    Failure {
        check: checks
            .get(job.check)
            .map(|check| check.plugin.descriptor.id.clone())
            .unwrap_or_default(),
        column: job.column().map(str::to_owned),
        message: error.to_string(),
    }
}

impl Fold<'_> {
    /// Reads and profiles all sides.
    pub(crate) fn run(&self) -> Result<Folded, GuardError> {
        let mut items = vec![];
        for (side, read) in self.sides.iter().enumerate() {
            let tasks = read.source.tasks().into_iter().enumerate();
            items.extend(tasks.map(|(place, task)| Item { side, place, task }));
        }
        let workers = self.threads.clamp(1, items.len().max(1));
        let shared = Shared {
            fold: self,
            items,
            next: AtomicUsize::new(0),
            stop: AtomicBool::new(false),
            dead: self.checks.iter().map(|_| AtomicBool::new(false)).collect(),
            failures: Mutex::new(BTreeMap::new()),
            merger: Mutex::new(Merger::new(self)),
        };
        std::thread::scope(|scope| {
            for _ in 1..workers {
                scope.spawn(|| shared.work());
            }
            shared.work();
        });
        self.progress.finish();
        shared.finish()
    }

    /// The frame of a job; nothing where fitting failed.
    fn frame(&self, index: usize) -> &[u8] {
        self.frames
            .get(index)
            .and_then(Option::as_deref)
            .unwrap_or_default()
    }
}

impl Shared<'_> {
    fn work(&self) {
        let mut sessions = SessionPool::new(self.fold.checks);
        let mut decode = Duration::ZERO;
        while !self.stop.load(Ordering::Relaxed) {
            let position = self.next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = self.items.get(position) else {
                break;
            };
            match self.profile(position, item, &mut sessions, &mut decode) {
                Ok(portions) => self.merger().accept(self, item, portions),
                Err(error) => self.give_up(position, error),
            }
        }
        let mut merger = self.merger();
        merger.decode += decode;
        sessions.add_usage(&mut merger.usage);
    }

    /// The first unreadable place is reported, whichever thread met one first.
    fn give_up(&self, position: usize, error: GuardError) {
        self.stop.store(true, Ordering::Relaxed);
        let mut merger = self.merger();
        let earlier = |(first, _): &(usize, GuardError)| position < *first;
        if merger.error.as_ref().is_none_or(earlier) {
            merger.error = Some((position, error));
        }
    }

    fn merger(&self) -> std::sync::MutexGuard<'_, Merger> {
        self.merger.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A failed check is dead for the whole run; the others go on.
    fn fail(&self, place: Place, job: &Job, error: &SandboxError) {
        self.dead[job.check].store(true, Ordering::Relaxed);
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        let known = failures
            .get(&job.check)
            .is_some_and(|(first, _)| *first <= place);
        if !known && !matches!(error, SandboxError::Poisoned { .. }) {
            failures.insert(job.check, (place, failure(self.fold.checks, job, error)));
        }
    }

    fn alive(&self, job: &Job) -> bool {
        !self.dead[job.check].load(Ordering::Relaxed)
    }

    /// All jobs over one task, by period; the profiles of jobs that failed
    /// are None.
    fn profile(
        &self,
        position: usize,
        item: &Item,
        sessions: &mut SessionPool,
        decode: &mut Duration,
    ) -> Result<BTreeMap<PeriodKey, Portion>, GuardError> {
        let read = &self.fold.sides[item.side];
        let side = &self.fold.plan.sides[read.side];
        let mut open: BTreeMap<PeriodKey, Open> = BTreeMap::new();
        let mut started = Instant::now();
        for batch in read.source.read(&item.task, &side.request)? {
            let parts = read.cutter.cut(batch?)?;
            *decode += started.elapsed();
            for (key, part) in parts {
                if open.len() >= MAX_PERIODS && !open.contains_key(&key) {
                    return Err(too_many(read.source));
                }
                self.update(
                    (position, read.side),
                    open.entry(key)
                        .or_insert_with(|| self.begin(position, sessions)),
                    &part,
                    sessions,
                );
            }
            started = Instant::now();
        }
        *decode += started.elapsed();
        let saved = open
            .into_iter()
            .map(|(key, open)| (key, self.save(position, open, sessions)));
        Ok(saved.collect())
    }

    fn begin(&self, position: usize, sessions: &mut SessionPool) -> Open {
        let jobs = self.fold.plan.jobs.iter().enumerate();
        let begun = jobs.map(|(index, job)| {
            let settings = &self.fold.checks[job.check].settings;
            self.guarded(position, index, sessions, |session| {
                session.begin(settings, &job.columns, self.fold.frame(index))
            })
        });
        Open {
            rows: 0,
            profiles: begun.collect(),
        }
    }

    fn update(
        &self,
        (position, side): (usize, usize),
        open: &mut Open,
        part: &RowBatch,
        sessions: &mut SessionPool,
    ) {
        let rows = part.batch.num_rows() as u64;
        let shared = Arc::new(shared_batch(&self.fold.plan.sides[side], part));
        for (index, job) in self.fold.plan.jobs.iter().enumerate() {
            let Some(profile) = open.profiles[index].take() else {
                continue;
            };
            let updated = self.guarded(position, index, sessions, |session| {
                session.update(&profile, &shared, &job.granted[side])
            });
            open.profiles[index] = updated.map(|()| profile);
        }
        open.rows += rows;
        self.fold.progress.advance(rows);
    }

    fn save(&self, position: usize, open: Open, sessions: &mut SessionPool) -> Portion {
        let saved = open
            .profiles
            .into_iter()
            .enumerate()
            .map(|(index, profile)| {
                let profile = profile?;
                self.guarded(position, index, sessions, |session| session.save(profile))
            });
        Portion {
            saved: saved.collect(),
            rows: open.rows,
        }
    }

    /// A call for one job, unless its check is dead; a failure kills it.
    fn guarded<T>(
        &self,
        position: usize,
        index: usize,
        sessions: &mut SessionPool,
        act: impl FnOnce(&mut Session) -> Result<T, SandboxError>,
    ) -> Option<T> {
        let job = &self.fold.plan.jobs[index];
        if !self.alive(job) || self.fold.frames[index].is_none() {
            return None;
        }
        sessions
            .get(self.fold.checks, job.check)
            .and_then(act)
            .map_err(|error| self.fail((position, index), job, &error))
            .ok()
    }

    fn finish(self) -> Result<Folded, GuardError> {
        // The guard borrows from self; take the merger out of it by value.
        let Self {
            fold,
            failures,
            merger,
            dead,
            ..
        } = self;
        let merger = merger.into_inner().unwrap_or_else(PoisonError::into_inner);
        let failures = failures
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        let mut folded = merger.into_folded(fold, failures)?;
        for (check, dead) in dead.iter().enumerate() {
            folded.dead[check] |= dead.load(Ordering::Relaxed);
        }
        for (index, frame) in fold.frames.iter().enumerate() {
            if frame.is_none() {
                folded.dead[fold.plan.jobs[index].check] = true;
            }
        }
        Ok(folded)
    }
}

fn too_many(source: &Source) -> GuardError {
    GuardError::TooManyPeriods {
        source_name: source.describe(),
        limit: MAX_PERIODS,
    }
}

/// The batch with a column for each one described; those that no check reads
/// are all null.
pub(crate) fn shared_batch(side: &SideColumns, batch: &RowBatch) -> SharedBatch {
    let rows = batch.batch.num_rows();
    let nothing: ArrayRef = Arc::new(NullArray::new(rows));
    let arrays: Vec<ArrayRef> = side
        .read_at
        .iter()
        .map(|place| {
            place
                .and_then(|place| batch.batch.columns().get(place))
                .unwrap_or(&nothing)
                .clone()
        })
        .collect();
    let fields: Vec<arrow_schema::Field> = side
        .infos
        .iter()
        .zip(&arrays)
        .map(|(info, array)| arrow_schema::Field::new(&info.name, array.data_type().clone(), true))
        .collect();
    let options = arrow_array::RecordBatchOptions::new().with_row_count(Some(rows));
    match RecordBatch::try_new_with_options(Arc::new(Schema::new(fields)), arrays, &options) {
        Ok(whole) => SharedBatch::new(batch.first_row, &whole, &side.infos),
        // Lengths and types come from the batch itself, so they agree.
        Err(_) => SharedBatch::new(batch.first_row, &batch.batch, &[]),
    }
}
