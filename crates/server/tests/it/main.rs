//! Runs the built binary as a person would.

#[cfg(test)]
mod captures;
#[cfg(test)]
mod forms;
#[cfg(test)]
mod input;
#[cfg(test)]
mod interrupt;
#[cfg(test)]
mod options;
#[cfg(test)]
mod run;
