// Contrast about a pivot. Twin: contrast.rs

@fragment
fn pixels(@builtin(position) position: vec4<f32>) -> @location(0) vec4<f32> {
    let colour = textureLoad(first, here(position), 0);
    let pivot = vec3<f32>(value(1u));
    return premultiplied((straight(colour) - pivot) * value(0u) + pivot + vec3<f32>(value(2u)), colour.a);
}
