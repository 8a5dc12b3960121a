//! The store, from outside.

#[cfg(test)]
mod alerts;
#[cfg(test)]
mod coverage;
#[cfg(test)]
mod damage;
#[cfg(test)]
mod finding;
#[cfg(test)]
mod incidents;
#[cfg(test)]
mod journal;
#[cfg(test)]
mod kill;
#[cfg(test)]
mod looking;
#[cfg(test)]
mod made;
#[cfg(test)]
mod people;
#[cfg(test)]
mod retention;
#[cfg(test)]
mod unlucky;
