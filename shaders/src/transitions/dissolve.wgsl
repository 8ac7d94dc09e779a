// Dissolve. Twin: dissolve.rs

@fragment
fn pixels(@builtin(position) position: vec4<f32>) -> @location(0) vec4<f32> {
    let from_ = textureLoad(first, here(position), 0);
    let to_ = textureLoad(second, here(position), 0);
    return from_ * (1.0 - pass_.amount) + to_ * pass_.amount;
}
