//! What the fuzz targets do with octets. One module a kind of input, one function a target.

pub mod captures;
pub mod conversations;
