// Push. Twin: push.rs

@fragment
fn pixels(@builtin(position) position: vec4<f32>) -> @location(0) vec4<f32> {
    let size = vec2<i32>(pass_.size);
    let at = here(position) - pass_.whole[0].xy;
    let inside = all(at >= vec2<i32>(0)) && all(at < size);
    let other = clamp(at + pass_.whole[0].zw, vec2<i32>(0), size - vec2<i32>(1));
    let from_ = textureLoad(first, clamp(at, vec2<i32>(0), size - vec2<i32>(1)), 0);
    let to_ = textureLoad(second, other, 0);
    return select(to_, from_, inside);
}
