// Places a picture on the frame. Twin: place.rs

@fragment
fn pixels(@builtin(position) position: vec4<f32>) -> @location(0) vec4<f32> {
    let last = vec2<i32>(textureDimensions(first)) - vec2<i32>(1);
    let visible = pass_.values[0];
    if pass_.whole[0].x == 1 {
        let at = here(position) - pass_.whole[0].yz;
        let from_ = vec2<i32>(floor(visible.xy + vec2<f32>(0.5)));
        let to_ = vec2<i32>(floor(visible.zw + vec2<f32>(0.5)));
        let inside = all(at >= max(from_, vec2<i32>(0))) && all(at < min(to_, last + vec2<i32>(1)));
        let texel = textureLoad(first, clamp(at, vec2<i32>(0), last), 0);
        return select(vec4<f32>(0.0), texel * pass_.amount, inside);
    }
    let at = in_layer(position);
    let inside = min(at - visible.xy, visible.zw - at) * pass_.values[1].xy + vec2<f32>(0.5);
    let cover = clamp(inside, vec2<f32>(0.0), vec2<f32>(1.0));
    let corner = floor(at - vec2<f32>(0.5));
    let f = at - vec2<f32>(0.5) - corner;
    let near = clamp(vec2<i32>(corner), vec2<i32>(0), last);
    let far = clamp(vec2<i32>(corner) + vec2<i32>(1), vec2<i32>(0), last);
    let upper = textureLoad(first, near, 0) * (1.0 - f.x) + textureLoad(first, vec2<i32>(far.x, near.y), 0) * f.x;
    let lower = textureLoad(first, vec2<i32>(near.x, far.y), 0) * (1.0 - f.x) + textureLoad(first, far, 0) * f.x;
    return (upper * (1.0 - f.y) + lower * f.y) * (cover.x * cover.y * pass_.amount);
}
