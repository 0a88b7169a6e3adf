"""Scripts and storyboards: what is said in which scene, and what is seen."""
