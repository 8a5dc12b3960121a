//! Runs the built binary as a person would.

#[cfg(test)]
mod accounts;
#[cfg(test)]
mod api;
#[cfg(test)]
mod captures;
#[cfg(test)]
mod dropped;
#[cfg(test)]
mod forms;
#[cfg(test)]
mod house;
#[cfg(test)]
mod https;
#[cfg(test)]
mod input;
#[cfg(test)]
mod interrupt;
#[cfg(test)]
mod login;
#[cfg(test)]
mod options;
#[cfg(test)]
mod outputs;
#[cfg(test)]
mod run;
#[cfg(test)]
mod sensor;
#[cfg(test)]
mod unlucky;
