//! Facts, seen from outside.

#[cfg(test)]
mod golden;
