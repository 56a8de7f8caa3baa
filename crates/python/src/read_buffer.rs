//! Memory for reads that is small until it was filled once: most processes say little, and clearing and mapping a large buffer
//! costs more than a small task says.

const FIRST: usize = 8 << 10;

/// A buffer for one read at a time.
#[derive(Debug)]
pub struct ReadBuffer {
    bytes: Vec<u8>,
    most: usize,
}

impl ReadBuffer {
    /// Grows up to `most` bytes.
    pub fn new(most: usize) -> Self {
        Self { bytes: vec![0; FIRST.min(most)], most }
    }

    /// Where the next read goes.
    pub fn space(&mut self) -> &mut [u8] {
        &mut self.bytes
    }

    /// What a read of `n` bytes has brought.
    pub fn filled(&self, n: usize) -> &[u8] {
        &self.bytes[..n]
    }

    /// To be told after each read: one that filled the buffer makes it larger for those that follow.
    pub fn grow_after(&mut self, n: usize) {
        if n == self.bytes.len() && n < self.most {
            self.bytes.resize((n * 4).min(self.most), 0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_grows_when_it_was_filled_and_not_beyond_its_bound() {
        let mut buffer = ReadBuffer::new(100_000);
        let mut sizes = Vec::new();
        for _ in 0..5 {
            let n = buffer.space().len();
            buffer.grow_after(n - 1);
            assert_eq!(buffer.space().len(), n, "a short read changes nothing");
            buffer.grow_after(n);
            sizes.push(n);
        }
        assert_eq!(sizes, [8192, 32_768, 100_000, 100_000, 100_000]);
        assert_eq!(ReadBuffer::new(10).space().len(), 10);
    }
}
