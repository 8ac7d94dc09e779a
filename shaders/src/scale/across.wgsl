// Scales across, in whole numbers of 1/32 code value. Twin: twin.rs
// first: the source; second: the table (Table::texture). whole[0]: what (0 kernel, 1 least, 2 greatest of the neighbours, 3 as it is), taps.

fn times(a: i32, b: i32) -> i32 {
    return (((a * b) >> 14u) + 1) >> 1u;
}

fn number(column: i32, row: i32) -> i32 {
    return i32(textureLoad(second, vec2<i32>(column, row), 0).x);
}

fn source(at: vec2<i32>) -> vec4<i32> {
    let last = vec2<i32>(textureDimensions(first)) - vec2<i32>(1);
    return vec4<i32>(round(textureLoad(first, clamp(at, vec2<i32>(0), last), 0) * 255.0)) * 32;
}

fn bound(at_: vec2<i32>, greatest: bool) -> vec4<i32> {
    // A neighbour outside is the edge pixel, and so is what a pair reaches outside.
    let last = vec2<i32>(textureDimensions(first)) - vec2<i32>(1);
    let at = clamp(at_, vec2<i32>(0), last);
    var bound = source(at);
    for (var y = -1; y <= 1; y++) {
        for (var x = -1; x <= 1; x++) {
            let neighbour = source(at + vec2<i32>(x, y));
            bound = select(min(bound, neighbour), max(bound, neighbour), greatest);
        }
    }
    return bound;
}

@fragment
fn pixels(@builtin(position) position: vec4<f32>) -> @location(0) vec4<f32> {
    let at = here(position);
    let what = pass_.whole[0].x;
    let taps = pass_.whole[0].y;
    var sum = vec4<i32>(0);
    if what == 0 {
        let start = number(at.x, 0);
        if taps <= 6 {
            for (var tap = 0; tap < taps; tap++) {
                let weight = number(at.x, 1 + tap);
                let x = source(vec2<i32>(start + tap, at.y));
                sum += vec4<i32>(times(x.r, weight), times(x.g, weight), times(x.b, weight), times(x.a, weight));
            }
        } else {
            sum = vec4<i32>(0x4000);
            for (var tap = 0; tap < taps; tap++) {
                sum += source(vec2<i32>(start + tap, at.y)) * number(at.x, 1 + tap);
            }
            sum = sum >> vec4<u32>(15u);
        }
    } else {
        let start = number(at.x, 1 + taps);
        for (var tap = 0; tap < 2; tap++) {
            let weight = number(at.x, 2 + taps + tap);
            let from_ = vec2<i32>(start + tap, at.y);
            var x = source(from_);
            if what < 3 {
                x = bound(from_, what == 2);
            }
            sum += vec4<i32>(times(x.r, weight), times(x.g, weight), times(x.b, weight), times(x.a, weight));
        }
    }
    return vec4<f32>(sum);
}
