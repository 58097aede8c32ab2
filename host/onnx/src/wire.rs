//! Protobuf fields, without copies and without recursion.

/// A field's value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Wire<'a> {
    Number(u64),
    Eight([u8; 8]),
    Four([u8; 4]),
    Bytes(&'a [u8]),
}

/// What was met instead of a field.
pub(crate) type Bad = &'static str;

/// The fields of a message, in order.
pub(crate) struct Fields<'a> {
    rest: &'a [u8],
}

impl<'a> Fields<'a> {
    pub(crate) fn of(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    fn field(&mut self) -> Result<(u64, Wire<'a>), Bad> {
        let tag = varint(&mut self.rest)?;
        let value = match tag & 7 {
            0 => Wire::Number(varint(&mut self.rest)?),
            1 => Wire::Eight(exactly(&mut self.rest)?),
            5 => Wire::Four(exactly(&mut self.rest)?),
            2 => {
                let length = varint(&mut self.rest)?;
                let length = usize::try_from(length).map_err(|_| ENDS)?;
                let (bytes, rest) = self.rest.split_at_checked(length).ok_or(ENDS)?;
                self.rest = rest;
                Wire::Bytes(bytes)
            }
            _ => return Err("a field of an unknown type"),
        };
        match tag >> 3 {
            0 => Err("a field without a number"),
            number => Ok((number, value)),
        }
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = Result<(u64, Wire<'a>), Bad>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let field = self.field();
        if field.is_err() {
            self.rest = &[];
        }
        Some(field)
    }
}

const ENDS: Bad = "it ends in the middle of a field";

fn varint(rest: &mut &[u8]) -> Result<u64, Bad> {
    let mut value = 0_u64;
    for shift in (0..70).step_by(7) {
        let (byte, after) = rest.split_first().ok_or(ENDS)?;
        *rest = after;
        value |= u64::from(byte & 0x7f) << shift.min(63);
        if byte & 0x80 == 0 {
            return Ok(value);
        }
    }
    Err("a number of more than ten bytes")
}

fn exactly<const N: usize>(rest: &mut &[u8]) -> Result<[u8; N], Bad> {
    let (bytes, after) = rest.split_first_chunk().ok_or(ENDS)?;
    *rest = after;
    Ok(*bytes)
}

impl<'a> Wire<'a> {
    pub(crate) fn bytes(self) -> Result<&'a [u8], Bad> {
        match self {
            Self::Bytes(bytes) => Ok(bytes),
            _ => Err("a number where bytes belong"),
        }
    }

    pub(crate) fn text(self) -> Result<&'a str, Bad> {
        std::str::from_utf8(self.bytes()?).map_err(|_| "a name that is not UTF-8")
    }

    pub(crate) fn int(self) -> Result<i64, Bad> {
        match self {
            Self::Number(number) => Ok(number as i64),
            _ => Err("bytes where a number belongs"),
        }
    }

    pub(crate) fn float(self) -> Result<f32, Bad> {
        match self {
            Self::Four(bytes) => Ok(f32::from_le_bytes(bytes)),
            _ => Err("no float where one belongs"),
        }
    }

    /// Numbers of a repeated field, packed or one by one.
    pub(crate) fn ints(self, into: &mut Vec<i64>) -> Result<(), Bad> {
        let Self::Bytes(mut rest) = self else {
            into.push(self.int()?);
            return Ok(());
        };
        while !rest.is_empty() {
            into.push(varint(&mut rest)? as i64);
        }
        Ok(())
    }

    pub(crate) fn floats(self, into: &mut Vec<f64>) -> Result<(), Bad> {
        let Self::Bytes(bytes) = self else {
            into.push(f64::from(self.float()?));
            return Ok(());
        };
        into.extend(pieces(bytes)?.map(|bytes| f64::from(f32::from_le_bytes(bytes))));
        Ok(())
    }

    pub(crate) fn doubles(self, into: &mut Vec<f64>) -> Result<(), Bad> {
        match self {
            Self::Eight(bytes) => into.push(f64::from_le_bytes(bytes)),
            other => into.extend(pieces(other.bytes()?)?.map(f64::from_le_bytes)),
        }
        Ok(())
    }
}

/// Bytes in pieces of `N`.
pub(crate) fn pieces<const N: usize>(
    bytes: &[u8],
) -> Result<impl Iterator<Item = [u8; N]> + '_, Bad> {
    let (pieces, rest) = bytes.as_chunks::<N>();
    match rest.is_empty() {
        true => Ok(pieces.iter().copied()),
        false => Err("numbers that end in the middle of one"),
    }
}
