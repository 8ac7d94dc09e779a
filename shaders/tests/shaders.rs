//! Promises about every shader and every declaration, whichever they are.

use kinora_shaders::{Kind, Pass, effects, shaders, transitions};
use std::collections::HashSet;

#[test]
fn every_shader_is_valid_wgsl() {
    let mut names = HashSet::new();
    for shader in shaders() {
        assert!(names.insert(shader.name), "two shaders are named {}", shader.name);
        let module = match naga::front::wgsl::parse_str(shader.source) {
            Ok(module) => module,
            Err(error) => panic!("{}: {}", shader.name, error.emit_to_string(shader.source)),
        };
        let flags = naga::valid::ValidationFlags::all();
        let info = naga::valid::Validator::new(flags, naga::valid::Capabilities::empty()).validate(&module);
        if let Err(error) = info {
            panic!("{}: {}", shader.name, error.emit_to_string(shader.source));
        }
        let entries: Vec<&str> = module.entry_points.iter().map(|entry| entry.name.as_str()).collect();
        assert_eq!(entries, ["corners", "pixels"], "{}", shader.name);
    }
}

#[test]
fn the_uniform_block_is_laid_out_as_the_shaders_read_it() {
    let module = naga::front::wgsl::parse_str(kinora_shaders::blend::SHADER.source).expect("valid");
    let (_, block) = module.types.iter().find(|(_, of)| of.name.as_deref() == Some("Pass")).expect("Pass is declared");
    let naga::TypeInner::Struct { members, span } = &block.inner else { panic!("Pass is a struct") };
    assert_eq!(*span as usize, size_of::<Pass>());
    let offsets: Vec<usize> = members.iter().map(|member| member.offset as usize).collect();
    assert_eq!(
        offsets,
        [
            std::mem::offset_of!(Pass, size),
            std::mem::offset_of!(Pass, frame),
            std::mem::offset_of!(Pass, amount),
            std::mem::offset_of!(Pass, map),
            std::mem::offset_of!(Pass, whole),
            std::mem::offset_of!(Pass, values),
        ]
    );
}

#[test]
fn declarations_are_complete_and_their_defaults_legal() {
    let declarations = effects()
        .iter()
        .map(|effect| effect.declaration)
        .chain(transitions().iter().map(|transition| transition.declaration));
    let mut kinds = HashSet::new();
    for declaration in declarations {
        assert!(kinds.insert(declaration.kind), "two are named {}", declaration.kind);
        assert!(!declaration.label.is_empty() && declaration.help.ends_with('.'), "{}", declaration.kind);
        // The first eight to twelve are a person's, the rest are for what `prepare` derives.
        assert!(declaration.parameters.len() <= 12, "{}", declaration.kind);
        let mut names = HashSet::new();
        for parameter in declaration.parameters {
            assert!(names.insert(parameter.name));
            assert!(parameter.min < parameter.max && (parameter.min..=parameter.max).contains(&parameter.default));
            assert_eq!(parameter.legal(Some(f32::NAN)), parameter.default);
            assert_eq!(parameter.legal(Some(f32::INFINITY)), parameter.default);
            assert_eq!(parameter.legal(Some(1e9)), parameter.max);
            if let Kind::Choice(choices) = parameter.kind {
                assert!(choices.iter().all(|choice| parameter.legal(Some(choice.value)) == choice.value));
            }
        }
    }
}
