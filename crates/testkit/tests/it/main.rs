//! What the detections say of captures whose contents are known.

#[cfg(test)]
mod captures;
