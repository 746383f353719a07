// The query editor of /sparql: YASGUI, over the form that works without it.
import Yasgui from "@zazuko/yasgui";
import "@zazuko/yasgui/build/yasgui.min.css";

globalThis.Yasgui = Yasgui;
