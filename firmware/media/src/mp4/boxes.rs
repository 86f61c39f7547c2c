//! MP4 boxes: bounds-checked reading, growing writing.

/// A box inside a buffer.
pub(crate) struct Child<'a> {
    /// Four characters.
    pub(crate) kind: [u8; 4],
    /// What is in it.
    pub(crate) body: &'a [u8],
}

/// The boxes in `body`, up to the first that is cut or damaged.
pub(crate) fn children(mut body: &[u8]) -> Vec<Child<'_>> {
    let mut found = Vec::new();
    while let Some((kind, size, header)) = header(body) {
        let Some(inside) = usize::try_from(size).ok().and_then(|size| body.get(header..size)) else { break };
        found.push(Child { kind, body: inside });
        body = body.get(header + inside.len()..).unwrap_or_default();
    }
    found
}

/// The first box of this kind in `body`.
pub(crate) fn child<'a>(body: &'a [u8], kind: &[u8; 4]) -> Option<&'a [u8]> {
    children(body).into_iter().find(|c| c.kind == *kind).map(|c| c.body)
}

/// Kind, whole size and header size of the box at the start of `bytes`.
pub(crate) fn header(bytes: &[u8]) -> Option<([u8; 4], u64, usize)> {
    let mut r = Reader(bytes);
    let short = r.u32()?;
    let kind = r.take::<4>()?;
    let (size, header) = if short == 1 { (r.u64()?, 16) } else { (u64::from(short), 8) };
    (size >= header).then_some((kind, size, usize::try_from(header).ok()?))
}

/// Reads big-endian numbers.
pub(crate) struct Reader<'a>(pub(crate) &'a [u8]);

impl Reader<'_> {
    /// The next `N` bytes.
    pub(crate) fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*taken)
    }

    pub(crate) fn u32(&mut self) -> Option<u32> {
        self.take().map(u32::from_be_bytes)
    }

    pub(crate) fn i32(&mut self) -> Option<i32> {
        self.take().map(i32::from_be_bytes)
    }

    pub(crate) fn u64(&mut self) -> Option<u64> {
        self.take().map(u64::from_be_bytes)
    }

    /// A number of 32 bits in version 0, of 64 in others.
    pub(crate) fn by_version(&mut self, version: u8) -> Option<u64> {
        if version == 0 { self.u32().map(u64::from) } else { self.u64() }
    }

    /// Version and flags of a full box.
    pub(crate) fn version(&mut self) -> Option<(u8, u32)> {
        let [version, a, b, c] = self.take()?;
        Some((version, u32::from_be_bytes([0, a, b, c])))
    }
}

/// A box with `body`; a body beyond 4 GiB cannot occur for an index and is cut by the caller's limits.
pub(crate) fn pack(kind: &[u8; 4], body: &[u8]) -> Vec<u8> {
    let size = u32::try_from(body.len() + 8).unwrap_or(u32::MAX);
    [&size.to_be_bytes(), kind.as_slice(), body].concat()
}

/// A full box: version, flags, body.
pub(crate) fn pack_full(kind: &[u8; 4], version: u8, body: &[u8]) -> Vec<u8> {
    pack(kind, &[&[version, 0, 0, 0], body].concat())
}

/// The 16-byte header of a box of `size` bytes in all.
pub(crate) fn long_header(kind: [u8; 4], size: u64) -> Vec<u8> {
    [1u32.to_be_bytes().as_slice(), &kind, &size.to_be_bytes()].concat()
}
