// Wipe. Twin: wipe.rs

@fragment
fn pixels(@builtin(position) position: vec4<f32>) -> @location(0) vec4<f32> {
    let from_ = textureLoad(first, here(position), 0);
    let to_ = textureLoad(second, here(position), 0);
    let along = dot(position.xy - pass_.size * 0.5, vec2<f32>(value(8u), value(9u))) + 0.5;
    let m = ramp(0.0, value(10u), pass_.amount * (1.0 + value(10u)) - along);
    return from_ * (1.0 - m) + to_ * m;
}
