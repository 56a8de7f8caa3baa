//! Frames: a 4-byte big-endian length and that many bytes of JSON.

use std::io;

use serde_json::Value;

/// Longest frame either side may send, in bytes; a longer one ends the connection.
pub const MAX_FRAME: usize = 64 << 20;

/// Bytes read and not yet taken as frames.
#[derive(Default)]
pub struct FrameBuffer {
    bytes: Vec<u8>,
    taken: usize,
}

impl FrameBuffer {
    pub fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// The next whole frame, if it has arrived.
    ///
    /// # Errors
    /// A length above [`MAX_FRAME`], or a body that is not a JSON object.
    pub fn take(&mut self) -> io::Result<Option<Value>> {
        let rest = &self.bytes[self.taken..];
        let Some((head, body)) = rest.split_first_chunk::<4>() else {
            return Ok(None);
        };
        let length = u32::from_be_bytes(*head) as usize;
        if length > MAX_FRAME {
            return Err(invalid(format!("a frame of {length} bytes, at most {MAX_FRAME} are allowed")));
        }
        let Some(body) = body.get(..length) else {
            return Ok(None);
        };
        let value: Value = serde_json::from_slice(body).map_err(|e| invalid(format!("a frame that is not JSON: {e}")))?;
        if !value.is_object() {
            return Err(invalid("a frame that is not a JSON object".to_owned()));
        }
        self.taken += 4 + length;
        if self.taken == self.bytes.len() {
            self.bytes.clear();
            self.bytes.shrink_to(1 << 16);
            self.taken = 0;
        } else if self.taken > 1 << 16 {
            self.bytes.drain(..self.taken);
            self.taken = 0;
        }
        Ok(Some(value))
    }
}

/// The bytes of one frame.
///
/// # Errors
/// The value is longer than [`MAX_FRAME`].
pub fn encode(value: &Value) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; 4];
    serde_json::to_writer(&mut bytes, value)?;
    let length = bytes.len() - 4;
    if length > MAX_FRAME {
        return Err(invalid(format!("a frame of {length} bytes, at most {MAX_FRAME} are allowed")));
    }
    let head = u32::try_from(length).map_err(io::Error::other)?.to_be_bytes();
    bytes[..4].copy_from_slice(&head);
    Ok(bytes)
}

fn invalid(text: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, text)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn frames_survive_any_cut() {
        let frames = [json!({"type": "a"}), json!({"type": "b", "text": "é".repeat(40_000)}), json!({"type": "c"})];
        let bytes: Vec<u8> = frames.iter().flat_map(|f| encode(f).unwrap()).collect();
        for step in [1, 3, 4096, bytes.len()] {
            let mut buffer = FrameBuffer::default();
            let mut seen = Vec::new();
            for piece in bytes.chunks(step) {
                buffer.push(piece);
                while let Some(frame) = buffer.take().unwrap() {
                    seen.push(frame);
                }
            }
            assert_eq!(seen, frames, "in pieces of {step}");
        }
    }

    #[test]
    fn a_wrong_frame_is_an_error() {
        for (bytes, word) in [(vec![0xff, 0, 0, 0], "at most"), (vec![0, 0, 0, 2, b'[', b']'], "object"), (vec![0, 0, 0, 1, b'{'], "JSON")]
        {
            let mut buffer = FrameBuffer::default();
            buffer.push(&bytes);
            assert!(buffer.take().unwrap_err().to_string().contains(word));
        }
    }
}
