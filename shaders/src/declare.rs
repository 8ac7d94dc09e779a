//! What an effect or transition says of itself: its name and its parameters, from which every knob in the window is made.
//!
//! Stored films refer to `kind` and to parameter names, so both are for ever; labels may change. A value that is missing, not a
//! number, or out of range is never an error: it becomes the default, or the nearest legal value.

use serde::Serialize;

/// Parameters of one declaration: as many as the uniform block holds.
pub const PARAMETERS: usize = 16;

#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Declaration {
    /// Stored in films.
    pub kind: &'static str,
    pub label: &'static str,
    /// One sentence for a tooltip.
    pub help: &'static str,
    pub parameters: &'static [Parameter],
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Parameter {
    /// Stored in films.
    pub name: &'static str,
    pub label: &'static str,
    /// Shown after the number: "°", "px", or empty.
    pub unit: &'static str,
    pub min: f32,
    pub max: f32,
    pub default: f32,
    pub kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A slider.
    Number,
    /// A dial, degrees clockwise.
    Angle,
    /// One of a few; the value is the choice's number.
    Choice(&'static [Choice]),
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Choice {
    pub value: f32,
    pub label: &'static str,
}

impl Parameter {
    pub const fn number(name: &'static str, label: &'static str, min: f32, max: f32, default: f32) -> Self {
        Self { name, label, unit: "", min, max, default, kind: Kind::Number }
    }

    pub const fn unit(mut self, unit: &'static str) -> Self {
        self.unit = unit;
        self
    }

    pub const fn kind(mut self, kind: Kind) -> Self {
        self.kind = kind;
        self
    }

    /// The nearest legal value.
    pub fn legal(&self, value: Option<f32>) -> f32 {
        let value = value.filter(|value| value.is_finite()).unwrap_or(self.default).clamp(self.min, self.max);
        match self.kind {
            Kind::Choice(_) => value.round(),
            Kind::Number | Kind::Angle => value,
        }
    }
}

impl Declaration {
    /// Values in declaration order, as the shader and its twin read them.
    pub fn values(&self, given: impl Fn(&str) -> Option<f32>) -> [f32; PARAMETERS] {
        let mut values = [0.0; PARAMETERS];
        for (value, parameter) in values.iter_mut().zip(self.parameters) {
            *value = parameter.legal(given(parameter.name));
        }
        values
    }

    pub fn defaults(&self) -> [f32; PARAMETERS] {
        self.values(|_| None)
    }
}
