//! Each form of the report against a report that has everything, hostile names included.

#[cfg(test)]
mod activity;
#[cfg(test)]
mod cef;
#[cfg(test)]
mod forms;
#[cfg(test)]
mod sample;

#[cfg(test)]
mod page;
