// The family graph, drawn by cytoscape over the picture that the server made.
import cytoscape from "cytoscape";
import dagre from "cytoscape-dagre";

cytoscape.use(dagre);
