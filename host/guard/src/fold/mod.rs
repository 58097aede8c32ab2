//! The parallel fold: every task of both sides through every job.
//!
//! A task is profiled by itself, on fresh profiles, and the profiles of tasks
//! are merged in the order of the stream. Which thread took which task
//! therefore leaves no trace in the result, floats included.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use arrow_array::{ArrayRef, NullArray, RecordBatch};
use arrow_schema::Schema;
use driftguard_data::{DataError, RowBatch, Source, Task};
use driftguard_sandbox::{Profile, SandboxError, Session, SharedBatch, Usage};
use driftguard_verdict::{Failure, Finding};

use crate::error::GuardError;
use crate::plan::{Job, Plan, PlannedCheck, SideColumns};
use crate::progress::Progress;

/// What the fold needs to know.
pub(crate) struct Fold<'a> {
    pub(crate) plan: &'a Plan,
    pub(crate) checks: &'a [PlannedCheck],
    /// One frame for each job; None where fitting failed.
    pub(crate) frames: &'a [Option<Vec<u8>>],
    pub(crate) sources: [&'a Source; 2],
    pub(crate) threads: usize,
    pub(crate) progress: &'a dyn Progress,
}

/// What the fold found.
#[derive(Default)]
pub(crate) struct Folded {
    pub(crate) findings: Vec<Finding>,
    pub(crate) failures: Vec<Failure>,
    pub(crate) rows: [u64; 2],
    pub(crate) usage: Vec<Usage>,
    pub(crate) decode: Duration,
}

/// A task of one side, with its place in that side's order.
struct Item {
    side: usize,
    place: usize,
    task: Task,
}

/// Where a check failed: the task and the job. The first is reported.
type Place = (usize, usize);

/// Profiles of one task by job; None where the check failed.
type Saved = Vec<Option<Vec<u8>>>;

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

/// Merges the profiles of tasks in order, as far as they are there.
struct Merger {
    sessions: Vec<Option<Session>>,
    /// By side and job.
    profiles: [Vec<Option<Profile>>; 2],
    waiting: [BTreeMap<usize, Saved>; 2],
    next: [usize; 2],
    rows: [u64; 2],
    usage: Vec<Usage>,
    decode: Duration,
    error: Option<(usize, GuardError)>,
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
    /// Runs the fold and compares the two sides.
    pub(crate) fn run(&self) -> Result<Folded, GuardError> {
        let mut items = vec![];
        for (side, source) in self.sources.iter().enumerate() {
            items.extend(
                source
                    .tasks()
                    .into_iter()
                    .enumerate()
                    .map(|(place, task)| Item { side, place, task }),
            );
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
}

impl Shared<'_> {
    fn work(&self) {
        let mut sessions: Vec<Option<Session>> = self.fold.checks.iter().map(|_| None).collect();
        let mut decode = Duration::ZERO;
        while !self.stop.load(Ordering::Relaxed) {
            let position = self.next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = self.items.get(position) else {
                break;
            };
            match self.profile(position, item, &mut sessions, &mut decode) {
                Ok((rows, saved)) => self.merger().accept(self, item, rows, saved),
                Err(error) => {
                    self.stop.store(true, Ordering::Relaxed);
                    let mut merger = self.merger();
                    // The first unreadable place is reported, whichever thread met one first.
                    if merger
                        .error
                        .as_ref()
                        .is_none_or(|(first, _)| position < *first)
                    {
                        merger.error = Some((position, error.into()));
                    }
                }
            }
        }
        let mut merger = self.merger();
        merger.decode += decode;
        for (check, session) in sessions.iter().enumerate() {
            if let Some(session) = session {
                merger.usage[check].add(&session.usage());
            }
        }
    }

    fn merger(&self) -> std::sync::MutexGuard<'_, Merger> {
        self.merger.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A failed check is dead for the whole run; the others go on.
    fn fail(&self, place: (usize, usize), job: &Job, error: &SandboxError) {
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

    /// All jobs over one task; the profiles of jobs that failed are None.
    fn profile(
        &self,
        position: usize,
        item: &Item,
        sessions: &mut [Option<Session>],
        decode: &mut Duration,
    ) -> Result<(u64, Saved), DataError> {
        let side = &self.fold.plan.sides[item.side];
        let mut profiles: Vec<Option<Profile>> = self.fold.plan.jobs.iter().map(|_| None).collect();
        for (index, job) in self.fold.plan.jobs.iter().enumerate() {
            profiles[index] = self.guarded(position, index, sessions, |session| {
                let frame = self.fold.frames[index].as_deref().unwrap_or_default();
                session.begin(&self.fold.checks[job.check].settings, &job.columns, frame)
            });
        }
        let mut rows = 0;
        let mut started = Instant::now();
        for batch in self.fold.sources[item.side].read(&item.task, &side.request)? {
            let batch = batch?;
            *decode += started.elapsed();
            let count = batch.batch.num_rows() as u64;
            let shared = Arc::new(shared_batch(side, &batch));
            for (index, job) in self.fold.plan.jobs.iter().enumerate() {
                let Some(profile) = profiles[index].take() else {
                    continue;
                };
                let updated = self.guarded(position, index, sessions, |session| {
                    session.update(&profile, &shared, &job.granted[item.side])
                });
                profiles[index] = updated.map(|()| profile);
            }
            rows += count;
            self.fold.progress.advance(count);
            started = Instant::now();
        }
        *decode += started.elapsed();
        let saved = profiles.into_iter().enumerate().map(|(index, profile)| {
            let profile = profile?;
            self.guarded(position, index, sessions, |session| session.save(profile))
        });
        Ok((rows, saved.collect()))
    }

    /// A call for one job, unless its check is dead; a failure kills it.
    fn guarded<T>(
        &self,
        position: usize,
        index: usize,
        sessions: &mut [Option<Session>],
        act: impl FnOnce(&mut Session) -> Result<T, SandboxError>,
    ) -> Option<T> {
        let job = &self.fold.plan.jobs[index];
        if !self.alive(job) || self.fold.frames[index].is_none() {
            return None;
        }
        let slot = &mut sessions[job.check];
        let attempt = || {
            if slot.is_none() {
                *slot = Some(self.fold.checks[job.check].plugin.session()?);
            }
            match slot {
                Some(session) => act(session),
                None => Err(SandboxError::Poisoned {
                    check: String::new(),
                }),
            }
        };
        attempt()
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
        let mut merger = merger.into_inner().unwrap_or_else(PoisonError::into_inner);
        let mut failures = failures
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some((_, error)) = merger.error.take() {
            return Err(error);
        }
        let mut findings = vec![];
        for (index, job) in fold.plan.jobs.iter().enumerate() {
            if dead[job.check].load(Ordering::Relaxed) || fold.frames[index].is_none() {
                continue;
            }
            match merger.compare(fold, index, job) {
                Ok(found) => findings.extend(found),
                Err(error) => {
                    dead[job.check].store(true, Ordering::Relaxed);
                    let place = (usize::MAX, index);
                    failures
                        .entry(job.check)
                        .or_insert_with(|| (place, failure(fold.checks, job, &error)));
                }
            }
        }
        for (check, session) in merger.sessions.iter().enumerate() {
            if let Some(session) = session {
                merger.usage[check].add(&session.usage());
            }
        }
        Ok(Folded {
            findings,
            failures: failures.into_values().map(|(_, failure)| failure).collect(),
            rows: merger.rows,
            usage: merger.usage,
            decode: merger.decode,
        })
    }
}

impl Merger {
    fn new(fold: &Fold<'_>) -> Self {
        let jobs = fold.plan.jobs.len();
        Self {
            sessions: fold.checks.iter().map(|_| None).collect(),
            profiles: [0, 1].map(|_| (0..jobs).map(|_| None).collect()),
            waiting: Default::default(),
            next: [0, 0],
            rows: [0, 0],
            usage: vec![
                Usage {
                    fuel: Some(0),
                    ..Usage::default()
                };
                fold.checks.len()
            ],
            decode: Duration::ZERO,
            error: None,
        }
    }

    fn accept(&mut self, shared: &Shared<'_>, item: &Item, rows: u64, saved: Saved) {
        self.rows[item.side] += rows;
        self.waiting[item.side].insert(item.place, saved);
        while let Some(saved) = self.waiting[item.side].remove(&self.next[item.side]) {
            let place = self.next[item.side];
            self.next[item.side] += 1;
            for (index, bytes) in saved.iter().enumerate() {
                let (Some(bytes), job) = (bytes, &shared.fold.plan.jobs[index]) else {
                    continue;
                };
                if let Err(error) = self.merge(shared.fold, item.side, index, job, bytes) {
                    shared.fail((place, index), job, &error);
                }
            }
        }
    }

    fn session(&mut self, fold: &Fold<'_>, job: &Job) -> Result<&mut Session, SandboxError> {
        let slot = &mut self.sessions[job.check];
        if slot.is_none() {
            *slot = Some(fold.checks[job.check].plugin.session()?);
        }
        slot.as_mut().ok_or(SandboxError::Poisoned {
            check: String::new(),
        })
    }

    fn merge(
        &mut self,
        fold: &Fold<'_>,
        side: usize,
        index: usize,
        job: &Job,
        bytes: &[u8],
    ) -> Result<(), SandboxError> {
        let known = self.profiles[side][index].take();
        let session = self.session(fold, job)?;
        let profile = match known {
            Some(profile) => profile,
            None => {
                let frame = fold.frames[index].as_deref().unwrap_or_default();
                session.begin(&fold.checks[job.check].settings, &job.columns, frame)?
            }
        };
        session.merge(&profile, bytes)?;
        self.profiles[side][index] = Some(profile);
        Ok(())
    }

    fn compare(
        &mut self,
        fold: &Fold<'_>,
        index: usize,
        job: &Job,
    ) -> Result<Vec<Finding>, SandboxError> {
        let mut saved = [vec![], vec![]];
        for (side, bytes) in saved.iter_mut().enumerate() {
            let known = self.profiles[side][index].take();
            let session = self.session(fold, job)?;
            let frame = fold.frames[index].as_deref().unwrap_or_default();
            let profile = match known {
                Some(profile) => profile,
                None => session.begin(&fold.checks[job.check].settings, &job.columns, frame)?,
            };
            *bytes = session.save(profile)?;
        }
        let frame = fold.frames[index].as_deref().unwrap_or_default();
        let settings = &fold.checks[job.check].settings;
        self.session(fold, job)?
            .compare(settings, &job.columns, frame, &saved[0], &saved[1])
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
