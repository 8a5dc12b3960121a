//! The whole chain, seen from outside.

#[cfg(test)]
mod captures;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod regressions;
