// Fade through black. Twin: fade.rs

@fragment
fn pixels(@builtin(position) position: vec4<f32>) -> @location(0) vec4<f32> {
    let from_ = textureLoad(first, here(position), 0);
    let to_ = textureLoad(second, here(position), 0);
    let picture = select(to_, from_, pass_.amount < 0.5);
    let middle = 1.0 - abs(2.0 * pass_.amount - 1.0);
    return picture * (1.0 - middle) + vec4<f32>(vec3<f32>(value(0u)), 1.0) * middle;
}
