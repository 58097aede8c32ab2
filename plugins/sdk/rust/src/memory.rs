//! What an instance of a plugin remembers between calls.
//!
//! The interface is stateless: frame and reference come along with every
//! call. A host that ranks many periods against the same others sends the same
//! bytes again and again, and reading them costs more than comparing. So the
//! last ones are kept beside what they were read as; equal bytes are not read
//! twice. Answers cannot depend on it: reading is pure.

use std::any::Any;
use std::cell::RefCell;
use std::rc::Rc;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::prelude::{Check, Descriptor, Error};
use crate::state;

/// Bytes above which nothing is remembered: it would double what a large state
/// takes of the memory that the host allows.
const MOST_BYTES: usize = 1 << 20;

thread_local! {
    /// A plugin is one thread, and exports one check.
    static MEMORY: RefCell<Option<Rc<dyn Any>>> = const { RefCell::new(None) };
}

/// Bytes, and what they were read as.
#[derive(Debug)]
struct Last<T>(RefCell<Option<(Vec<u8>, Rc<T>)>>);

impl<T> Last<T> {
    const fn nothing() -> Self {
        Self(RefCell::new(None))
    }

    fn get(
        &self,
        bytes: Vec<u8>,
        read: impl FnOnce(&[u8]) -> Result<T, Error>,
    ) -> Result<Rc<T>, Error> {
        let mut last = self.0.borrow_mut();
        if let Some((known, value)) = &*last
            && equal(known, &bytes)
        {
            return Ok(Rc::clone(value));
        }
        let value = Rc::new(read(&bytes)?);
        if bytes.len() <= MOST_BYTES {
            *last = Some((bytes, Rc::clone(&value)));
        }
        Ok(value)
    }
}

/// Whether two states are the same, eight bytes at a time: the comparison of
/// slices that WebAssembly comes with looks at one after the other, and states
/// have hundreds of thousands.
fn equal(left: &[u8], right: &[u8]) -> bool {
    let (words, rest) = left.as_chunks::<8>();
    let (others, other_rest) = right.as_chunks::<8>();
    let word = |(left, right): (&[u8; 8], &[u8; 8])| {
        u64::from_le_bytes(*left) == u64::from_le_bytes(*right)
    };
    left.len() == right.len() && words.iter().zip(others).all(word) && rest == other_rest
}

/// What is remembered of the check `C`.
#[derive(Debug)]
pub struct Memory<C: Check> {
    descriptor: Descriptor,
    frame: Last<C::Frame>,
    reference: Last<C::Profile>,
}

impl<C: Check + 'static> Memory<C> {
    /// That of this instance, which begins empty.
    pub fn of_this_instance() -> Rc<Self> {
        MEMORY.with(|memory| {
            let known = memory.borrow().clone();
            if let Some(known) = known.and_then(|known| known.downcast::<Self>().ok()) {
                return known;
            }
            let fresh = Rc::new(Self {
                descriptor: C::describe(),
                frame: Last::nothing(),
                reference: Last::nothing(),
            });
            *memory.borrow_mut() = Some(Rc::clone(&fresh) as Rc<dyn Any>);
            fresh
        })
    }

    /// What the check says about itself.
    pub fn descriptor(&self) -> &Descriptor {
        &self.descriptor
    }

    /// A frame from its bytes.
    ///
    /// # Errors
    /// As [`state::decode`], and where [`Check::admit`] refuses it.
    pub fn frame(&self, bytes: Vec<u8>) -> Result<Rc<C::Frame>, Error> {
        self.frame.get(bytes, |bytes| {
            let frame = self.decode(bytes)?;
            C::admit(&frame)?;
            Ok(frame)
        })
    }

    /// The reference's profile from its bytes.
    ///
    /// # Errors
    /// As [`state::decode`].
    pub fn reference(&self, bytes: Vec<u8>) -> Result<Rc<C::Profile>, Error> {
        self.reference.get(bytes, |bytes| self.decode(bytes))
    }

    /// Any state of this check from its bytes.
    ///
    /// # Errors
    /// As [`state::decode`].
    pub fn decode<T: DeserializeOwned>(&self, bytes: &[u8]) -> Result<T, Error> {
        state::decode(&self.descriptor.id, self.descriptor.state_format, bytes)
    }

    /// Bytes of a state of this check.
    ///
    /// # Errors
    /// As [`state::encode`].
    pub fn encode<T: Serialize>(&self, value: &T) -> Result<Vec<u8>, Error> {
        state::encode(&self.descriptor.id, self.descriptor.state_format, value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_bytes_are_read_once_and_large_ones_are_not_kept() {
        let last = Last::nothing();
        let reads = RefCell::new(0);
        let get = |bytes: Vec<u8>| {
            let value = last.get(bytes, |bytes| {
                *reads.borrow_mut() += 1;
                Ok(bytes.len())
            });
            (*value.unwrap(), *reads.borrow())
        };
        assert_eq!(get(vec![1]), (1, 1));
        assert_eq!(get(vec![1]), (1, 1));
        assert_eq!(get(vec![2]), (1, 2));
        assert_eq!(get(vec![1]), (1, 3));
        let large = vec![0; MOST_BYTES + 1];
        assert_eq!(get(large.clone()), (large.len(), 4));
        assert_eq!(get(large.clone()), (large.len(), 5));
        assert_eq!(get(vec![1]), (1, 5));
    }

    #[test]
    fn states_are_equal_in_every_byte() {
        for length in [0, 1, 7, 8, 9, 24, 31] {
            let state: Vec<u8> = (0..length).collect();
            assert!(equal(&state, &state.clone()));
            assert!(!equal(&state, &[&*state, &[0]].concat()));
            for place in 0..state.len() {
                let mut other = state.clone();
                other[place] ^= 1;
                assert!(!equal(&state, &other));
            }
        }
    }

    #[test]
    fn bytes_that_cannot_be_read_replace_nothing() {
        let last = Last::nothing();
        let read = |bytes: Vec<u8>, ok: bool| {
            last.get(bytes, |_| match ok {
                true => Ok(7),
                false => Err(Error::State("torn".into())),
            })
        };
        assert_eq!(read(vec![1], true).map(|value| *value), Ok(7));
        assert!(read(vec![2], false).is_err());
        assert_eq!(read(vec![1], false).map(|value| *value), Ok(7));
    }
}
