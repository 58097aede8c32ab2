//! The life of one child: pipes that never block each other, a clock, and the
//! end of its whole process group, however it ends.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use crate::command::Limits;
use crate::error::ModelError;

/// Bytes kept of the end of standard error.
const STDERR_TAIL: usize = 2048;
/// How often it is asked whether the child is over.
const POLL: Duration = Duration::from_millis(2);

/// What is to be run.
pub(crate) struct Job<'a> {
    pub(crate) words: &'a [String],
    pub(crate) folder: Option<&'a Path>,
    pub(crate) limits: Limits,
    /// Rows that it is given, for messages.
    pub(crate) rows: u64,
}

/// What the threads at the pipes report.
enum Event {
    /// All rows were taken, or the pipe broke.
    Written(std::io::Result<()>),
    /// Standard output ended.
    Read(std::io::Result<Printed>),
    /// Standard error ended; its tail.
    Said(String),
}

enum Printed {
    Bytes(u64),
    TooMuch,
}

/// What the child left.
#[derive(Default)]
struct Heard {
    written: Option<std::io::Result<()>>,
    printed: Option<Printed>,
    stderr: Option<String>,
}

/// Runs the command: `input` writes its standard input, its standard output
/// goes to `output`. When this returns, with or without error, nothing of its
/// process group is left.
pub(crate) fn run(
    job: &Job<'_>,
    input: impl FnOnce(&mut dyn Write) -> std::io::Result<()> + Send + 'static,
    output: std::fs::File,
) -> Result<(), ModelError> {
    let mut running = start(job)?;
    let (sender, events) = channel();
    running.listen(sender, input, output, job.limits.output_mib << 20);
    let deadline = Instant::now() + job.limits.time;
    let mut heard = Heard::default();
    let status = wait(job, &mut running, &events, deadline, &mut heard)?;
    // The end of standard error comes with the end of the group.
    drop(running);
    let command = job.words.join(" ");
    let stderr = |heard: &mut Heard| heard.stderr(&events);
    if !status.success() {
        return Err(ModelError::Died {
            command,
            status: status_words(status),
            rows: job.rows,
            memory: memory_words(job.limits.memory_mib),
            stderr: stderr(&mut heard),
        });
    }
    if let Some(Printed::Bytes(0)) = heard.printed {
        return Err(ModelError::Nothing {
            command,
            rows: job.rows,
            stderr: stderr(&mut heard),
        });
    }
    match heard.written {
        Some(Ok(())) => Ok(()),
        _ => Err(ModelError::Unread {
            command,
            rows: job.rows,
            stderr: stderr(&mut heard),
        }),
    }
}

/// Waits until rows are written, answers are read and the program is over, in
/// whatever order.
fn wait(
    job: &Job<'_>,
    running: &mut Running,
    events: &Receiver<Event>,
    deadline: Instant,
    heard: &mut Heard,
) -> Result<ExitStatus, ModelError> {
    let command = || job.words.join(" ");
    let system = |what, error: std::io::Error| ModelError::System {
        command: command(),
        what,
        reason: error.to_string(),
    };
    let mut status = None;
    loop {
        // Once it is over its group is killed, and with it whoever holds a pipe.
        if status.is_none() {
            let ended = running.ended();
            status = ended.map_err(|error| system("its end cannot be waited for", error))?;
        }
        if let (Some(status), Some(_), Some(_)) = (status, &heard.printed, &heard.written) {
            return Ok(status);
        }
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(timed_out(job, running, events, heard));
        }
        match events.recv_timeout(left.min(POLL)) {
            Ok(Event::Written(result)) => heard.written = Some(result),
            Ok(Event::Said(tail)) => heard.stderr = Some(tail),
            Ok(Event::Read(Ok(Printed::TooMuch))) => {
                return Err(ModelError::TooMuch {
                    command: command(),
                    limit_mib: job.limits.output_mib,
                    rows: job.rows,
                });
            }
            Ok(Event::Read(Ok(printed))) => heard.printed = Some(printed),
            Ok(Event::Read(Err(error))) => return Err(system("its output cannot be kept", error)),
            Err(RecvTimeoutError::Timeout) => {}
            // Every thread has reported; only the program's end is waited for.
            Err(RecvTimeoutError::Disconnected) => thread::sleep(left.min(POLL)),
        }
    }
}

fn timed_out(
    job: &Job<'_>,
    running: &mut Running,
    events: &Receiver<Event>,
    heard: &mut Heard,
) -> ModelError {
    running.end();
    ModelError::TimedOut {
        command: job.words.join(" "),
        seconds: job.limits.time.as_secs_f64(),
        rows: job.rows,
        stderr: heard.stderr(events),
    }
}

impl Heard {
    /// The tail of standard error, once the group is dead. What left the group
    /// may hold the pipe open for ever, so this does not wait for long.
    fn stderr(&mut self, events: &Receiver<Event>) -> String {
        let until = Instant::now() + Duration::from_millis(500);
        while self.stderr.is_none() {
            match events.recv_timeout(until.saturating_duration_since(Instant::now())) {
                Ok(Event::Said(tail)) => self.stderr = Some(tail),
                Ok(_) => {}
                Err(_) => break,
            }
        }
        self.stderr.take().unwrap_or_default()
    }
}

/// A child and its process group; both end with this value.
struct Running {
    child: Child,
    over: bool,
}

fn start(job: &Job<'_>) -> Result<Running, ModelError> {
    let mut words = job.words.iter();
    let program = words.next().ok_or(ModelError::NoCommand)?;
    let folder = job.folder.map(absolute);
    let mut command = Command::new(program_path(program, folder.as_deref()));
    command
        .args(words)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    if let Some(folder) = &folder {
        command.current_dir(folder);
    }
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let child = command.spawn().map_err(|error| ModelError::NotStarted {
        command: job.words.join(" "),
        reason: error.to_string(),
        folder: folder.map_or("the current folder".to_owned(), |folder| {
            folder.display().to_string()
        }),
    })?;
    let running = Running { child, over: false };
    running.limit_memory(job)?;
    Ok(running)
}

fn absolute(folder: &Path) -> PathBuf {
    std::fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned())
}

/// A program with a folder in its name is looked for where the command runs,
/// on every system; a bare name on PATH.
fn program_path(program: &str, folder: Option<&Path>) -> PathBuf {
    let path = Path::new(program);
    match folder {
        Some(folder) if path.is_relative() && path.components().count() > 1 => folder.join(path),
        _ => path.to_owned(),
    }
}

impl Running {
    #[cfg(target_os = "linux")]
    fn limit_memory(&self, job: &Job<'_>) -> Result<(), ModelError> {
        use rustix::process::{Resource, Rlimit, prlimit};
        let Some(mib) = job.limits.memory_mib else {
            return Ok(());
        };
        let most = Some(mib << 20);
        let limit = Rlimit {
            current: most,
            maximum: most,
        };
        match prlimit(self.group(), Resource::As, limit) {
            // It is over already; its exit code will say why.
            Ok(_) | Err(rustix::io::Errno::SRCH) => Ok(()),
            Err(error) => Err(ModelError::System {
                command: job.words.join(" "),
                what: "its memory cannot be limited (`memory-mib`)",
                reason: error.to_string(),
            }),
        }
    }

    #[cfg(not(target_os = "linux"))]
    fn limit_memory(&self, _: &Job<'_>) -> Result<(), ModelError> {
        Ok(())
    }

    #[cfg(unix)]
    fn group(&self) -> Option<rustix::process::Pid> {
        let id = i32::try_from(self.child.id()).ok()?;
        rustix::process::Pid::from_raw(id)
    }

    /// One thread a pipe: none waits for another.
    fn listen(
        &mut self,
        sender: Sender<Event>,
        input: impl FnOnce(&mut dyn Write) -> std::io::Result<()> + Send + 'static,
        mut output: std::fs::File,
        most: u64,
    ) {
        if let Some(mut pipe) = self.child.stdin.take() {
            let sender = sender.clone();
            thread::spawn(move || {
                let written = input(&mut pipe);
                drop(pipe);
                sender.send(Event::Written(written)).ok()
            });
        }
        if let Some(pipe) = self.child.stdout.take() {
            let sender = sender.clone();
            thread::spawn(move || {
                // One byte more than allowed tells too much from just enough.
                let copied = std::io::copy(&mut pipe.take(most + 1), &mut output);
                let printed = copied.map(|bytes| match bytes > most {
                    true => Printed::TooMuch,
                    false => Printed::Bytes(bytes),
                });
                sender.send(Event::Read(printed)).ok()
            });
        }
        if let Some(pipe) = self.child.stderr.take() {
            thread::spawn(move || sender.send(Event::Said(tail_of(pipe))).ok());
        }
    }

    /// Whether the program ended. The group is killed before the program is
    /// reaped, so that its number cannot have gone to somebody else.
    fn ended(&mut self) -> std::io::Result<Option<ExitStatus>> {
        #[cfg(unix)]
        if let Some(id) = self.group() {
            use rustix::process::{WaitId, WaitIdOptions, waitid};
            let look = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT | WaitIdOptions::NOHANG;
            if waitid(WaitId::Pid(id), look)?.is_none() {
                return Ok(None);
            }
            self.kill_group();
        }
        let status = self.child.try_wait()?;
        self.over |= status.is_some();
        Ok(status)
    }

    fn kill_group(&mut self) {
        #[cfg(unix)]
        if let Some(group) = self.group() {
            // Nobody is left, or it is dead: both are what is wanted.
            rustix::process::kill_process_group(group, rustix::process::Signal::KILL).ok();
        }
    }

    /// Kills and reaps.
    fn end(&mut self) {
        if !self.over {
            self.kill_group();
            self.child.kill().ok();
            self.child.wait().ok();
            self.over = true;
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.end();
    }
}

/// Reads to the end and keeps the tail.
fn tail_of(mut pipe: impl Read) -> String {
    let mut tail: Vec<u8> = Vec::new();
    let mut piece = [0; 4096];
    while let Ok(read @ 1..) = pipe.read(&mut piece) {
        tail.extend_from_slice(piece.get(..read).unwrap_or_default());
        let surplus = tail.len().saturating_sub(STDERR_TAIL);
        tail.drain(..surplus);
    }
    String::from_utf8_lossy(&tail).trim().to_owned()
}

fn status_words(status: ExitStatus) -> String {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return format!("signal {signal}");
    }
    match status.code() {
        Some(code) => format!("exit code {code}"),
        None => "no exit code".to_owned(),
    }
}

fn memory_words(mib: Option<u64>) -> String {
    match mib {
        _ if !cfg!(target_os = "linux") => "none on this system".to_owned(),
        None => "none".to_owned(),
        Some(mib) => format!("{mib} MiB, `memory-mib`"),
    }
}
