//! What effects and transitions declare of themselves, from the shaders to the page, which makes its knobs from it.

use kinora_api::{Declared, DeclaredParameter, EffectsAnswer};
use kinora_shaders::effects::Needs;
use kinora_shaders::{Declaration, Kind, Parameter};

pub fn declared() -> EffectsAnswer {
    EffectsAnswer {
        effects: kinora_shaders::effects().iter().map(|effect| told(effect.declaration, effect.needs)).collect(),
        transitions: kinora_shaders::transitions()
            .iter()
            .map(|transition| told(transition.declaration, Needs::Nothing))
            .collect(),
    }
}

fn told(declaration: &Declaration, needs: Needs) -> Declared {
    Declared {
        kind: declaration.kind.to_owned(),
        label: declaration.label.to_owned(),
        help: declaration.help.to_owned(),
        parameters: declaration.parameters.iter().map(parameter).collect(),
        plate: matches!(needs, Needs::Around { plate: true, .. }),
    }
}

fn parameter(parameter: &Parameter) -> DeclaredParameter {
    let choices = match parameter.kind {
        Kind::Choice(choices) => choices.iter().map(|choice| (choice.value, choice.label.to_owned())).collect(),
        Kind::Number | Kind::Angle => Vec::new(),
    };
    DeclaredParameter {
        name: parameter.name.to_owned(),
        label: parameter.label.to_owned(),
        unit: parameter.unit.to_owned(),
        min: parameter.min,
        max: parameter.max,
        default: parameter.default,
        choices,
    }
}
