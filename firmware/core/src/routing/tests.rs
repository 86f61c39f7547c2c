use proptest::prelude::*;

use super::*;

fn layers(rates: [u64; 3], alive: [bool; 3]) -> Vec<LayerState> {
    Layer::ALL
        .iter()
        .map(|layer| LayerState {
            layer: *layer,
            size: Size { width: 320 << layer.index(), height: 180 << layer.index() },
            bitrate: Bitrate(rates[layer.index()]),
            alive: alive[layer.index()],
        })
        .collect()
}

#[test]
fn a_size_gets_the_smallest_layer_that_covers_it() {
    let all = layers([1, 2, 3], [true; 3]);
    let ask = |width, height| desired(LayerWish::Size(Size { width, height }), &all);
    assert_eq!(ask(300, 150), Some(Layer::Low));
    assert_eq!(ask(321, 150), Some(Layer::Medium));
    assert_eq!(ask(4000, 2000), Some(Layer::High));
    assert_eq!(desired(LayerWish::Off, &all), None);
    assert_eq!(desired(LayerWish::AtMost(Layer::Medium), &all), Some(Layer::Medium));
    assert_eq!(desired(LayerWish::default(), &[]), None);
}

#[test]
fn a_dead_layer_is_replaced_by_its_nearest_living_neighbour() {
    assert_eq!(living(Layer::High, &layers([1; 3], [true, true, false])), Layer::Medium);
    assert_eq!(living(Layer::Low, &layers([1; 3], [false, false, true])), Layer::High);
    assert_eq!(living(Layer::Medium, &layers([1; 3], [false; 3])), Layer::Medium);
}

#[test]
fn a_small_budget_shows_everybody_before_it_shows_anybody_large() {
    let all = layers([100, 500, 1500], [true; 3]);
    let demand = |priority| Demand { wish: LayerWish::default(), layers: &all, current: None, priority };
    let demands = [demand(0), demand(0), demand(0)];
    let given = |budget| allocate(Some(Bitrate(budget)), &demands);
    assert_eq!(given(400), vec![Allotment::Send(Layer::Low); 3]);
    assert_eq!(given(240), vec![Allotment::Send(Layer::Low), Allotment::Send(Layer::Low), Allotment::Paused]);
    assert_eq!(given(900)[0], Allotment::Send(Layer::Medium));
    assert_eq!(given(900)[2], Allotment::Send(Layer::Low));
    let first = [demand(0), demand(5), demand(0)];
    assert_eq!(allocate(Some(Bitrate(120)), &first)[1], Allotment::Send(Layer::Low));
}

#[test]
fn keeping_a_layer_needs_no_headroom() {
    let all = layers([100, 500, 1500], [true; 3]);
    let with = |current| {
        let demand = Demand { wish: LayerWish::default(), layers: &all, current, priority: 0 };
        allocate(Some(Bitrate(1510)), &[demand])[0]
    };
    assert_eq!(with(None), Allotment::Send(Layer::Medium));
    assert_eq!(with(Some(Layer::High)), Allotment::Send(Layer::High));
}

#[test]
fn dynacast_upgrades_at_once_and_downgrades_after_five_seconds() {
    let mut state = Dynacast::default();
    let at = Duration::from_secs;
    assert_eq!(state.update(at(0), [true, false, false]), Some([true, false, false]));
    assert_eq!(state.update(at(1), [true, true, true]), Some([true, true, true]));
    assert_eq!(state.update(at(2), [true, false, false]), None);
    assert_eq!(state.update(at(4), [true, true, true]), None);
    assert_eq!(state.update(at(5), [false; 3]), None);
    assert_eq!(state.update(at(9), [false; 3]), None);
    assert_eq!(state.update(at(10), [false; 3]), Some([false; 3]));
}

fn any_wish() -> impl Strategy<Value = LayerWish> {
    prop_oneof![
        Just(LayerWish::Off),
        (0u32..2000, 0u32..1200).prop_map(|(width, height)| LayerWish::Size(Size { width, height })),
        (0usize..3).prop_map(|index| LayerWish::AtMost(Layer::ALL[index])),
    ]
}

proptest! {
    #[test]
    fn what_exceeds_the_smallest_layers_fits_the_budget(
        budget in 0u64..10_000_000,
        wishes in prop::collection::vec((any_wish(), 0u32..4), 0..10),
        rates in prop::array::uniform3(1_000u64..2_000_000),
    ) {
        let mut rates = rates;
        rates.sort_unstable();
        let all = layers(rates, [true; 3]);
        let demands: Vec<_> = wishes
            .iter()
            .map(|(wish, priority)| Demand {
                wish: *wish, layers: &all, current: None, priority: *priority,
            })
            .collect();
        let given = allocate(Some(Bitrate(budget)), &demands);
        let sent = || given.iter().filter_map(|a| a.layer());
        let cost: u64 = sent().map(|layer| rates[layer.index()]).sum();
        let least: u64 = sent().map(|_| rates[0]).sum();
        prop_assert!(cost <= budget || cost == least);
        for (allotment, demand) in given.iter().zip(&demands) {
            let want = desired(demand.wish, demand.layers);
            prop_assert_eq!(want.is_none(), *allotment == Allotment::Off);
            if let (Some(want), Some(layer)) = (want, allotment.layer()) {
                prop_assert!(layer <= want);
            }
        }
    }

    #[test]
    fn without_a_limit_everybody_gets_the_wish(wish in any_wish()) {
        let all = layers([1, 2, 3], [true; 3]);
        let demand = Demand { wish, layers: &all, current: None, priority: 0 };
        prop_assert_eq!(allocate(None, &[demand])[0].layer(), desired(wish, &all));
    }
}
