//! What the compositor promises, on the processor and on a software device.
//!
//! A machine on which no software device can be opened fails these tests with the device's own words: mesa's Vulkan or GL driver is
//! part of the set-up.

mod cut_out;
mod devices;
mod film;
mod golden;
mod odd_plans;
mod preview;
mod studio;
mod words;
