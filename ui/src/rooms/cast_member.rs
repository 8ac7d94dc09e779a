//! One member of the cast as a form. Each field is kept when it is left; while a word is typed, the form says what keeping it would cost.

use super::cameo_cast::Likeness;
use super::card::member_colour;
use super::cast::{ROLES, role_name};
use super::cast_voice::VoiceEngines;
use crate::bridge::picture_address;
use crate::lang::{t, tf, tn};
use crate::state::{Studio, studio};
use crate::widgets::{Button, Field, Icon, IconButton, Kind};
use kinora_api::{AskImportMedia, AskPickPath, PathPurpose};
use kinora_document::cast::{made_stale_by, shots_with};
use kinora_document::{BlobHash, CastId, CastMember, CastRole, Command, MediaKind, SceneId};
use leptos::prelude::*;

fn member_of(studio: Studio, id: CastId) -> Option<CastMember> {
    studio.local.with(|local| local.as_ref().and_then(|local| local.film.cast.get(id).cloned()))
}

#[component]
pub fn MemberForm(id: CastId) -> impl IntoView {
    let studio = studio();
    let value = Memo::new(move |_| member_of(studio, id));
    // As it would be kept: the member with what is being typed.
    let draft = RwSignal::new(value.get_untracked());
    Effect::new(move |_| draft.set(value.get()));
    let keep = move |change: &dyn Fn(&mut CastMember)| {
        let Some(before) = value.get_untracked() else { return };
        let mut member = before.clone();
        change(&mut member);
        if member != before {
            studio.edit(Command::SetCast { member });
        }
    };
    let sketch = move |change: &dyn Fn(&mut CastMember)| {
        let mut member = value.get_untracked();
        member.iter_mut().for_each(change);
        draft.set(member);
    };
    let cost = Memo::new(move |_| {
        let models = studio.models.get();
        draft.with(|draft| {
            draft.as_ref().map_or(0, |draft| studio.film(|film| made_stale_by(film, draft, &models)).len())
        })
    });
    let place = Memo::new(move |_| studio.film(|film| film.cast.position(id)).unwrap_or(0));
    let colour = move || value.get().map(|member| member_colour(&member, place.get())).unwrap_or_default();
    let role = Memo::new(move |_| value.get().map_or(CastRole::Character, |member| member.role));
    let hint = move || match role.get() {
        CastRole::Character => t("descriptor-character"),
        CastRole::Place => t("descriptor-place"),
        CastRole::Prop => t("descriptor-prop"),
        CastRole::Style => t("descriptor-style"),
    };
    view! {
        <div class="pane-head">
            <i class="dot big" style:background-color=colour></i>
            <h2 data-testid="member-title">{move || value.get().map(|member| member.name).unwrap_or_default()}</h2>
            <code class="quiet">{move || value.get().map(|member| format!("@{}", member.name)).unwrap_or_default()}</code>
            <span class="bar-space"></span>
            <Button label=t("remove-member") icon="trash-2" kind=Kind::Quiet testid="remove-member" on_press=move || studio.edit(Command::RemoveCast { member: id })/>
        </div>
        <div class="pane-scroll member-form">
            <Field label=t("name")>
                <input type="text" class="input" data-testid="member-name" aria-label=t("name") maxlength="120" prop:value=move || value.get().map(|m| m.name).unwrap_or_default()
                    on:change=move |event| { let name = event_target_value(&event).trim().to_owned(); if !name.is_empty() { keep(&|m| m.name.clone_from(&name)); } }/>
            </Field>
            <Field label=t("role")>
                <select class="input" data-testid="member-role" aria-label=t("role") on:change=move |event| {
                    let role = ROLES.get(event_target_value(&event).parse::<usize>().unwrap_or(0)).copied().unwrap_or(CastRole::Character);
                    keep(&|m| m.role = role);
                }>
                    {ROLES.into_iter().enumerate().map(|(at, one)| view! { <option value=at.to_string() selected=move || role.get() == one>{role_name(one)}</option> }).collect_view()}
                </select>
            </Field>
            <label class="member-words">
                <span class="field-label">{t("descriptor")}</span>
                <textarea class="input" rows="3" data-testid="member-descriptor" placeholder=hint prop:value=move || value.get().map(|m| m.descriptor).unwrap_or_default()
                    on:input=move |event| { let words = event_target_value(&event); sketch(&|m| m.descriptor.clone_from(&words)); }
                    on:change=move |event| { let words = event_target_value(&event).trim().to_owned(); keep(&|m| m.descriptor.clone_from(&words)); }></textarea>
            </label>
            <p class="member-cost" role="status" data-testid="member-cost">
                {move || match cost.get() {
                    0 => view! { <span class="quiet">{t("descriptor-words")}</span> }.into_any(),
                    n => view! { <span class="state stale"><Icon name="triangle-alert"/>{tn("cost-one", "cost-many", n)}</span> }.into_any(),
                }}
            </p>
            <References id value/>
            <Show when=move || matches!(role.get(), CastRole::Character | CastRole::Prop)>
                <Likeness value on_keep=Callback::new(move |using| keep(&|m| m.cameo = using))/>
            </Show>
            <Show when=move || role.get() == CastRole::Character>
                <Field label=t("voice")>
                    <input type="text" class="input" data-testid="member-voice" aria-label=t("voice") placeholder=t("voice-hint") maxlength="120" prop:value=move || value.get().map(|m| m.voice).unwrap_or_default()
                        on:change=move |event| { let voice = event_target_value(&event).trim().to_owned(); keep(&|m| m.voice.clone_from(&voice)); }/>
                </Field>
                <VoiceEngines/>
            </Show>
            <Field label=t("seed")>
                <input type="text" inputmode="numeric" class="input figures" data-testid="member-seed" aria-label=t("seed") placeholder=t("note-seed-hint")
                    prop:value=move || value.get().and_then(|m| m.seed).map(|seed| seed.to_string()).unwrap_or_default()
                    on:change=move |event| {
                        let words = event_target_value(&event);
                        match words.trim().parse::<u32>() {
                            Ok(seed) => keep(&|m| m.seed = Some(u64::from(seed))),
                            Err(_) if words.trim().is_empty() => keep(&|m| m.seed = None),
                            Err(_) => studio.say(t("seed-is-a-number")),
                        }
                    }/>
            </Field>
            <Field label=t("colour")>
                <input type="color" class="colour" data-testid="member-colour" aria-label=t("colour") prop:value=colour
                    on:change=move |event| if let Some(colour) = read_colour(&event_target_value(&event)) { keep(&|m| m.colour = Some(colour)) }/>
            </Field>
            <Show when=move || matches!(role.get(), CastRole::Character | CastRole::Prop)>
                <Wardrobe value on_keep=Callback::new(move |(scene, worn): (SceneId, String)| keep(&|m| {
                    if worn.is_empty() { m.wardrobe.remove(&scene); } else { m.wardrobe.insert(scene, worn.clone()); }
                })) on_sketch=Callback::new(move |(scene, worn): (SceneId, String)| sketch(&|m| {
                    if worn.is_empty() { m.wardrobe.remove(&scene); } else { m.wardrobe.insert(scene, worn.clone()); }
                }))/>
            </Show>
        </div>
    }
}

/// `#rrggbb` as three numbers.
fn read_colour(text: &str) -> Option<[u8; 3]> {
    let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6)?;
    let part = |at: usize| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok();
    Some([part(0)?, part(2)?, part(4)?])
}

/// What is worn in each scene the member plays in.
#[component]
fn Wardrobe(
    value: Memo<Option<CastMember>>,
    on_keep: Callback<(SceneId, String)>,
    on_sketch: Callback<(SceneId, String)>,
) -> impl IntoView {
    let studio = studio();
    let scenes = Memo::new(move |_| {
        let Some(member) = value.get() else { return Vec::new() };
        studio.film(|film| {
            let shots = shots_with(film, &member);
            let plays = |scene: &SceneId| {
                shots.iter().filter_map(|shot| film.shots.get(*shot)).any(|shot| shot.scene == *scene)
            };
            let all = film.scenes.iter().filter(|scene| plays(&scene.id) || member.wardrobe.contains_key(&scene.id));
            all.map(|scene| (scene.id, scene.heading.clone())).collect()
        })
    });
    view! {
        <section class="wardrobe" aria-label=t("wardrobe")>
            <h3>{t("wardrobe")}</h3>
            <Show when=move || scenes.with(Vec::is_empty)><p class="quiet pane-note">{t("wardrobe-empty")}</p></Show>
            <For each=move || scenes.get() key=|scene| scene.clone() children=move |(scene, heading): (SceneId, String)| {
                let label = tf("wardrobe-in", &[("scene", &heading)]);
                view! {
                    <label class="worn"><span class="quiet">{heading}</span>
                        <input type="text" class="input" data-testid=format!("worn-{scene}") aria-label=label placeholder=t("wardrobe-hint") maxlength="400"
                            prop:value=move || value.get().and_then(|m| m.wardrobe.get(&scene).cloned()).unwrap_or_default()
                            on:input=move |event| on_sketch.run((scene, event_target_value(&event).trim().to_owned()))
                            on:change=move |event| on_keep.run((scene, event_target_value(&event).trim().to_owned()))/>
                    </label>
                }
            }/>
        </section>
    }
}

/// Pictures of the member: brought in from a file, or from the pictures that are in the film already.
#[component]
fn References(id: CastId, value: Memo<Option<CastMember>>) -> impl IntoView {
    let studio = studio();
    let pictures = Memo::new(move |_| value.get().map(|member| member.references).unwrap_or_default());
    let shown = move |blob: BlobHash| {
        studio
            .film(|film| film.media.iter().find(|media| media.blob == blob).and_then(|media| media.thumbnail))
            .unwrap_or(blob)
    };
    let others = Memo::new(move |_| {
        let taken = pictures.get();
        studio.film(|film| {
            let pictures =
                film.media.iter().filter(|media| media.kind == MediaKind::Picture && !taken.contains(&media.blob));
            pictures.map(|media| (media.blob, media.name.clone())).collect::<Vec<_>>()
        })
    });
    let add = move |blobs: Vec<BlobHash>| {
        let Some(mut member) = member_now(studio, id) else { return };
        let fresh: Vec<_> = blobs.into_iter().filter(|blob| !member.references.contains(blob)).collect();
        if !fresh.is_empty() {
            member.references.extend(fresh);
            studio.edit(Command::SetCast { member });
        }
    };
    let import = move || {
        studio.request::<AskPickPath>(PathPurpose::ImportMedia, move |grant| {
            let Some(grant) = grant else { return };
            studio.request::<AskImportMedia>(grant.grant, move |imported| {
                if let Some(problem) = imported.problems.into_iter().next() {
                    return studio.complain(problem);
                }
                // The replica hears of the new files a moment after the answer.
                set_timeout(
                    move || {
                        let blobs = studio.film_untracked(|film| {
                            let pictures = imported.media.iter().filter_map(|media| film.media.get(*media));
                            pictures.filter(|media| media.kind == MediaKind::Picture).map(|media| media.blob).collect()
                        });
                        add(blobs);
                    },
                    std::time::Duration::from_millis(300),
                );
            });
        });
    };
    view! {
        <section class="references" aria-label=t("references")>
            <div class="references-head">
                <h3>{t("references")}</h3><span class="bar-space"></span>
                <Button label=t("add-picture") icon="plus" kind=Kind::Quiet testid="add-reference" on_press=import/>
            </div>
            <div class="reference-row">
                {move || pictures.get().into_iter().map(|blob| view! {
                    <div class="reference">
                        <img src=picture_address(shown(blob)) alt=""/>
                        <IconButton label=t("remove-picture") icon="x" testid=format!("remove-reference-{blob}")
                            on_press=move || if let Some(mut member) = member_now(studio, id) {
                                member.references.retain(|other| *other != blob);
                                studio.edit(Command::SetCast { member });
                            }/>
                    </div>
                }).collect_view()}
                <Show when=move || pictures.with(Vec::is_empty)><p class="quiet pane-note">{t("references-empty")}</p></Show>
            </div>
            <Show when=move || !others.with(Vec::is_empty)>
                <select class="input" data-testid="reference-from-film" aria-label=t("picture-of-film") on:change=move |event| {
                    let at: usize = event_target_value(&event).parse().unwrap_or(usize::MAX);
                    add(others.with_untracked(|others| others.get(at).map(|(blob, _)| *blob)).into_iter().collect());
                }>
                    <option value="">{t("picture-of-film")}</option>
                    {move || others.get().into_iter().enumerate().map(|(at, (_, name))| view! { <option value=at.to_string()>{name}</option> }).collect_view()}
                </select>
            </Show>
        </section>
    }
}

fn member_now(studio: Studio, id: CastId) -> Option<CastMember> {
    untrack(|| member_of(studio, id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_read_as_the_system_writes_them() {
        assert_eq!(read_colour("#6aa3ff"), Some([106, 163, 255]));
        for wrong in ["", "6aa3ff", "#6aa3f", "#ggaaff", "#ää12"] {
            assert_eq!(read_colour(wrong), None, "{wrong}");
        }
    }
}
