// Lays a layer over the canvas. Twin: blend.rs

@fragment
fn pixels(@builtin(position) position: vec4<f32>) -> @location(0) vec4<f32> {
    let over = textureLoad(first, here(position), 0);
    let under = textureLoad(second, here(position), 0);
    let normal_alpha = over.a + under.a * (1.0 - over.a);
    switch pass_.whole[0].x {
        case 1: {
            let colour = over.rgb * under.rgb + over.rgb * (1.0 - under.a) + under.rgb * (1.0 - over.a);
            return vec4<f32>(colour, normal_alpha);
        }
        case 2: {
            return over + under * (vec4<f32>(1.0) - over);
        }
        case 3: {
            return min(over + under, vec4<f32>(1.0));
        }
        default: {
            return over + under * (1.0 - over.a);
        }
    }
}
