// Cuts a figure out. Twin: cut_out.rs. `first` is the layer, `second` the plate, placed alike.

fn at_(position: vec2<i32>) -> vec2<i32> {
    return clamp(position, vec2<i32>(0), vec2<i32>(textureDimensions(first)) - vec2<i32>(1));
}

fn is_plate() -> bool {
    return pass_.whole[0].z == 1;
}

fn behind(colour: vec4<f32>, position: vec2<i32>) -> vec3<f32> {
    if is_plate() {
        return textureLoad(second, position, 0).rgb;
    }
    let key = vec3<f32>(value(7u), value(8u), value(9u));
    let hue = key - vec3<f32>(luma(key));
    let tint = colour.rgb - vec3<f32>(luma(colour.rgb));
    let along = dot(tint, hue) / max(dot(hue, hue) * colour.a, 0.01);
    return key * (colour.a * clamp(along, 1.0 - value(10u), 1.0 + value(10u) * 0.5));
}

fn difference(position: vec2<i32>) -> vec3<f32> {
    let colour = textureLoad(first, position, 0);
    let back = behind(colour, position);
    if is_plate() {
        let shadow = value(7u);
        let scale = dot(colour.rgb, back) / max(dot(back, back), 1e-4);
        return colour.rgb - clamp(scale, 1.0 - shadow, 1.0 + shadow * 0.25) * back;
    }
    return (colour.rgb - vec3<f32>(luma(colour.rgb))) - (back - vec3<f32>(luma(back)));
}

@fragment
fn pixels(@builtin(position) position: vec4<f32>) -> @location(0) vec4<f32> {
    let centre = here(position);
    let colour = textureLoad(first, centre, 0);
    let back = behind(colour, centre);
    let tolerance = value(0u);
    let sure = tolerance + value(1u);
    var weights = array<f32, 5>(0.0625, 0.25, 0.375, 0.25, 0.0625);
    var figure = vec3<f32>(0.0);
    var weight = 0.0;
    var least = 1e9;
    for (var row = 0; row < 5; row++) {
        for (var column = 0; column < 5; column++) {
            let far = difference(at_(centre + vec2<i32>(column - 2, row - 2)));
            let size = length(far);
            let counts = weights[row] * weights[column] * ramp(tolerance, sure, size);
            figure += counts * far;
            weight += counts;
            if abs(row - 2) <= 1 && abs(column - 2) <= 1 {
                least = min(least, size);
            }
        }
    }
    let own = difference(centre);
    let inside = ramp(tolerance, sure, least);
    let present = ramp(0.5 * tolerance, tolerance + 0.1, length(own));
    figure /= max(weight, 1e-4);
    let alike = clamp(dot(own, figure) / max(dot(figure, figure), 5e-3), 0.0, 1.0);
    let share = alike * present * ramp(0.0, 0.3, weight);
    let opacity = share + (1.0 - share) * inside;
    let cleaned = max(colour.rgb - (1.0 - opacity) * back, vec3<f32>(0.0));
    var bare = opacity * colour.rgb + (cleaned - opacity * colour.rgb) * value(2u);
    let tint = back - vec3<f32>(luma(back));
    let towards = dot(bare - vec3<f32>(luma(bare)), tint) / max(dot(tint, tint), 1e-3);
    let spilt = value(3u) * max(towards, 0.0);
    bare = (bare - spilt * tint) * vec3<f32>(value(4u), value(5u), value(6u));
    let alpha = colour.a * opacity;
    return vec4<f32>(clamp(bare, vec3<f32>(0.0), vec3<f32>(alpha)), alpha);
}
