"""School lessons: courses, quizzes, and what they are made into for paper, screens, phones and school platforms."""
