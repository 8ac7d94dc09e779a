//! The cast: characters, places, props and styles on the left, the chosen member in the middle, the shots it is used in on the right.
//!
//! A member is named in the script or by `@name` in a prompt; its words then reach every such shot. Speakers the script names and
//! nobody described are offered, so that a cast can be filled in a minute.

use super::card::{StateChip, Thumbnail, member_colour, shown_state};
use super::cast_member::MemberForm;
use crate::actions::{generate, select_shot};
use crate::lang::{t, tf, tn};
use crate::state::{Room, Studio, new_gesture, studio};
use crate::widgets::{Button, Icon, IconButton, Kind, Split};
use kinora_document::board::CardState;
use kinora_document::cast::{shots_with, undescribed};
use kinora_document::{CastId, CastMember, CastRole, Command, ShotId};
use leptos::prelude::*;
use std::collections::BTreeMap;

pub const ROLES: [CastRole; 4] = [CastRole::Character, CastRole::Place, CastRole::Prop, CastRole::Style];

pub fn role_name(role: CastRole) -> &'static str {
    match role {
        CastRole::Character => t("characters"),
        CastRole::Place => t("places"),
        CastRole::Prop => t("props"),
        CastRole::Style => t("styles"),
    }
}

fn role_icon(role: CastRole) -> &'static str {
    match role {
        CastRole::Character => "user",
        CastRole::Place => "map-pin",
        CastRole::Prop => "box",
        CastRole::Style => "palette",
    }
}

fn role_slug(role: CastRole) -> &'static str {
    match role {
        CastRole::Character => "character",
        CastRole::Place => "place",
        CastRole::Prop => "prop",
        CastRole::Style => "style",
    }
}

/// A new member with this name, shown at once.
fn add(studio: Studio, role: CastRole, name: String) {
    let id = CastId(new_gesture().0);
    let member = CastMember {
        id,
        role,
        name,
        descriptor: String::new(),
        references: Vec::new(),
        voice: String::new(),
        seed: None,
        wardrobe: BTreeMap::new(),
        colour: None,
        cameo: None,
    };
    studio.edit_all(vec![Command::SetCast { member }], move || studio.member.set(Some(id)));
}

/// "New character", "New character 2", …: a name that is free.
fn free_name(studio: Studio, role: CastRole) -> String {
    let base = match role {
        CastRole::Character => t("new-character"),
        CastRole::Place => t("new-place"),
        CastRole::Prop => t("new-prop"),
        CastRole::Style => t("new-style"),
    };
    studio.film_untracked(|film| {
        let taken = |name: &str| film.cast.iter().any(|member| kinora_document::prompt::same_name(&member.name, name));
        let numbered = (2..=film.cast.len() + 2).map(|n| format!("{base} {n}"));
        std::iter::once(base.to_owned()).chain(numbered).find(|name| !taken(name)).unwrap_or_default()
    })
}

#[component]
pub fn Cast() -> impl IntoView {
    let studio = studio();
    let member = Memo::new(move |_| {
        studio.film(|film| {
            let chosen = studio.member.get().filter(|member| film.cast.contains(*member));
            chosen.or_else(|| film.cast.first().map(|member| member.id))
        })
    });
    view! {
        <Members member/>
        <Split name="members" label=t("split-members") usual=260 least=200 most=400 sizes=studio.panes/>
        <section class="pane member-pane" aria-label=t("room-cast")>
            {move || match member.get() {
                Some(id) => view! { <MemberForm id/> }.into_any(),
                None => view! {
                    <div class="empty-pane" data-testid="cast-empty"><Icon name="users"/><p>{t("cast-empty")}</p>
                        <Button label=t("add-character") icon="plus" kind=Kind::Primary testid="cast-first"
                            on_press=move || add(studio, CastRole::Character, free_name(studio, CastRole::Character))/>
                    </div>
                }.into_any(),
            }}
        </section>
        <Split name="uses" label=t("split-uses") usual=320 least=240 most=480 after=true sizes=studio.panes/>
        <Uses member/>
    }
}

#[component]
fn Members(member: Memo<Option<CastId>>) -> impl IntoView {
    let studio = studio();
    let missing = Memo::new(move |_| studio.film(undescribed));
    let of_role = move |role: CastRole| {
        studio.film(|film| {
            let all = film.cast.iter().enumerate().filter(|(_, member)| member.role == role);
            all.map(|(place, member)| {
                (member.id, member.name.clone(), member_colour(member, place), member.descriptor.trim().is_empty())
            })
            .collect::<Vec<_>>()
        })
    };
    view! {
        <nav class="pane members-pane" aria-label=t("room-cast")>
            <div class="pane-head"><h2>{t("room-cast")}</h2></div>
            <div class="pane-scroll" data-testid="members">
                {ROLES.into_iter().map(|role| view! {
                    <div class="member-role">
                        <h3>{role_name(role)}</h3>
                        <IconButton label=tf("add-to", &[("what", &role_name(role))]) icon="plus" testid=format!("add-{}", role_slug(role))
                            on_press=move || add(studio, role, free_name(studio, role))/>
                    </div>
                    {move || of_role(role).into_iter().map(|(id, name, colour, bare)| {
                        let slug = format!("member-{}", slug_of(&name));
                        view! {
                        <button type="button" class="member-item" data-testid=slug
                            aria-current=move || (member.get() == Some(id)).then_some("true") on:click=move |_| studio.member.set(Some(id))>
                            <i class="dot" style:background-color=colour></i>
                            <span class="member-name">{name}</span>
                            {bare.then(|| view! { <span class="quiet" title=t("no-descriptor")><Icon name="circle-dashed"/></span> })}
                            <Icon name=role_icon(role)/>
                        </button>
                    }}).collect_view()}
                }).collect_view()}
                <Show when=move || !missing.with(Vec::is_empty)>
                    <h3 class="missing-head">{t("cast-missing")}</h3>
                    <p class="quiet pane-note">{t("cast-missing-words")}</p>
                    <div class="missing">
                        {move || missing.get().into_iter().map(|name| {
                            let (said, slug) = (name.clone(), format!("missing-{}", slug_of(&name)));
                            view! {
                                <button type="button" class="chip small" data-testid=slug
                                    title=tf("add-to", &[("what", &role_name(CastRole::Character))])
                                    on:click=move |_| add(studio, CastRole::Character, said.clone())><Icon name="plus"/>{name}</button>
                            }
                        }).collect_view()}
                    </div>
                </Show>
            </div>
        </nav>
    }
}

/// A name as tests say it.
pub fn slug_of(name: &str) -> String {
    name.to_lowercase()
        .split(|c: char| !c.is_alphanumeric())
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join("-")
}

/// Where a member is used, and which of those shots are stale.
#[component]
fn Uses(member: Memo<Option<CastId>>) -> impl IntoView {
    let studio = studio();
    let shots = Memo::new(move |_| {
        studio.film(|film| {
            member.get().and_then(|id| film.cast.get(id)).map(|member| shots_with(film, member)).unwrap_or_default()
        })
    });
    let stale = Memo::new(move |_| {
        let not_ready =
            |shot: &ShotId| studio.card(*shot).is_some_and(|card| matches!(card.state, CardState::Stale { .. }));
        shots.get().into_iter().filter(not_ready).collect::<Vec<_>>()
    });
    view! {
        <aside class="pane uses-pane" aria-label=t("used-in")>
            <div class="pane-head">
                <h2>{t("used-in")}</h2>
                <span class="quiet figures" data-testid="uses-count">{move || tn("shots-one", "shots-many", shots.with(Vec::len))}</span>
            </div>
            <div class="pane-scroll">
                <Show when=move || shots.with(Vec::is_empty) && member.get().is_some()><p class="quiet pane-note">{t("used-nowhere")}</p></Show>
                <For each=move || shots.get() key=|shot| *shot children=move |shot| view! { <Use shot/> }/>
            </div>
            <Show when=move || !stale.with(Vec::is_empty)>
                <div class="pane-foot">
                    <span class="state stale" data-testid="uses-stale"><Icon name="triangle-alert"/>{move || tn("stale-one", "stale-many", stale.with(Vec::len))}</span>
                    <span class="bar-space"></span>
                    <Button label=t("generate-these") icon="sparkles" kind=Kind::Primary testid="generate-uses" on_press=move || generate(studio, stale.get_untracked(), 1, false)/>
                </div>
            </Show>
        </aside>
    }
}

#[component]
fn Use(shot: ShotId) -> impl IntoView {
    let studio = studio();
    let state = shown_state(studio, shot);
    let number = Memo::new(move |_| studio.card(shot).map(|card| card.number).unwrap_or_default());
    let words = Memo::new(move |_| {
        studio.film(|film| film.shots.get(shot).map(|shot| shot.description.clone()).unwrap_or_default())
    });
    view! {
        <button type="button" class="use" data-testid=move || format!("use-{}", number.get().replace('.', "-"))
            title=t("show-on-board") on:click=move |_| { studio.room.set(Room::Board); select_shot(studio, shot); }>
            <Thumbnail shot state/>
            <span class="use-words">
                <span class="use-head"><span class="card-number figures">{move || number.get()}</span><StateChip state/></span>
                <span class="quiet use-text">{move || words.get()}</span>
            </span>
        </button>
    }
}
