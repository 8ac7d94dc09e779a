//! What the engine asks of a family of models, once one of them is chosen: the port's words, without the choice.

use kinora_document::Refusal;
use kinora_document::catalogue::{Estimate, PromptReading};
use kinora_ports::engine::{Order, Progress, Rendered};
use kinora_ports::{Flow, PortError};
use std::fmt::Debug;

/// A model that is ready to be asked. What it holds in memory meanwhile is its own affair.
pub trait Family: Debug + Send + Sync {
    fn read_prompt(&self, prompt: &str) -> PromptReading;
    fn estimate(&self, order: &Order) -> Result<Estimate, Refusal>;
    fn render(
        &self,
        order: &Order,
        resume: Option<&[u8]>,
        estimate: Estimate,
        watch: &mut dyn FnMut(Progress) -> Flow,
    ) -> Result<Rendered, PortError>;
}
