//! The whole chain, seen from outside.

#[cfg(test)]
mod hostile;
#[cfg(test)]
mod regressions;
