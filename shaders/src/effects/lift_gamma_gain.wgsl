// Lift, gamma, gain. Twin: lift_gamma_gain.rs

@fragment
fn pixels(@builtin(position) position: vec4<f32>) -> @location(0) vec4<f32> {
    let colour = textureLoad(first, here(position), 0);
    let x = straight(colour);
    let lift = vec3<f32>(value(0u)) + vec3<f32>(value(1u), value(2u), value(3u));
    let gamma = value(4u) * vec3<f32>(value(5u), value(6u), value(7u));
    let gain = value(8u) * vec3<f32>(value(9u), value(10u), value(11u));
    let linear = clamp(gain * (x + lift * (vec3<f32>(1.0) - x)), vec3<f32>(0.0), vec3<f32>(1.0));
    let curved = pow(max(linear, vec3<f32>(1e-30)), vec3<f32>(1.0) / max(gamma, vec3<f32>(1e-3)));
    return premultiplied(select(curved, linear, gamma == vec3<f32>(1.0)), colour.a);
}
